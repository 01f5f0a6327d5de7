"""A stored model that takes part in a comparison, read from its own files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from bitjaru.configuration import build_part
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.models.answers import FOLDER, Answers
from bitjaru.models.bundle import words_of
from bitjaru.models.card import FILE as CARD
from bitjaru.models.golden_set import Golden
from bitjaru.models.trust.stored_config import read_config
from bitjaru.tasks import Task
from bitjaru.tracking.models.files import local_folder
from bitjaru.tracking.models.isolated import Measured, ask


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A model with what it left at training time.

    Attributes:
        uri: Of the store.
        name: For people: `run lstm`, `nsmc-sentiment version 3`.
        source: Where its files are.
        data_sha256: Of the data it learned from; None where that was not noted.
    """

    uri: str
    name: str
    source: str
    data_sha256: str | None

    @cached_property
    def folder(self) -> Path:
        """Its files, on this machine."""
        return local_folder(self.uri, self.source)

    @property
    def bundle(self) -> Path:
        """The saved `bitjaru.models.bundle.Bundle` among them."""
        return self.folder / "data"

    @cached_property
    def config(self) -> DictConfig:
        """The whole config of its run."""
        return read_config(self.bundle)

    @cached_property
    def task(self) -> Task:
        """As in training."""
        task: Task = build_part(self.config, "task")
        return task

    @property
    def words(self) -> Vocabulary:
        """What it may answer with, where answers are words."""
        return words_of(self.bundle, self.config)

    @cached_property
    def golden(self) -> Golden:
        """Texts and the answers given at training time."""
        return Golden.load(self.bundle)

    @cached_property
    def measured(self) -> Measured:
        """The golden texts answered again, in a fresh process, with size and speed."""
        return self.measured_on(self.golden.texts)

    def measured_on(self, texts: Sequence[str]) -> Measured:
        """Answers texts in a fresh process and measures it on them."""
        return ask(self.uri, self.source, texts, timed=texts)

    @property
    def card(self) -> str:
        """The model card; empty where it has none."""
        path = self.bundle / CARD
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def answers(self, part: str) -> Answers | None:
        """Returns its answers to a part, as given at training time; None where it kept none."""
        path = self.bundle / FOLDER / f"{part}.npz"
        return Answers.load(path) if path.exists() else None

    def split(self) -> Mapping[str, Any]:
        """Returns what of its config decides which reviews are the test part."""
        dataset = OmegaConf.to_container(self.config.dataset, resolve=True)
        known = {str(key): value for key, value in dataset.items()} if isinstance(dataset, dict) else {}
        return {key: known.get(key) for key in ("name", "test", "test_file")}
