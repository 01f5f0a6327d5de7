"""A trained model with all that it needs to answer raw text: config, vocabulary and weights. No pickle."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

import bitjaru
from bitjaru import formats
from bitjaru.configuration import build_part, build_reading
from bitjaru.data import FloatArray
from bitjaru.data.stored import read_json
from bitjaru.data.vocabulary import NO_WORDS, Vocabulary
from bitjaru.datasets import Dataset
from bitjaru.errors import BundleError
from bitjaru.files import write_text
from bitjaru.models import TextModel, manifest
from bitjaru.models.ensemble import MEMBERS, EnsembleModel, Member, read_shares
from bitjaru.models.golden_set import Golden
from bitjaru.models.linear import LinearModel
from bitjaru.models.network import Network, read_vocabularies
from bitjaru.models.tokenized_texts import TokenizedTexts
from bitjaru.models.trust.stored_config import read_config
from bitjaru.tasks import Answer, Task
from bitjaru.tokenizers import Tokenizer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bundle:
    """What answers raw text.

    Attributes:
        config: The run's whole config.
        dataset: As in training; it cleans the texts.
        task: As in training.
        model: From cleaned texts to probabilities.
    """

    config: DictConfig
    dataset: Dataset
    task: Task
    model: TextModel

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers N texts, in their order; says of which the model saw nothing that it knows.

        Raises:
            TokenizerError: If an analyser cannot start.
        """
        if not texts:
            return []
        read = self.cleaned(texts)
        answers = self.task.answers(self.model.probabilities(read), self.model.words)
        known = self.model.knows(read)
        return [replace(answer, no_known_token=not knows) for answer, knows in zip(answers, known, strict=True)]

    def probabilities(self, texts: Sequence[str]) -> FloatArray:
        """Returns the model's output for N texts, (N, O)."""
        return self.model.probabilities(self.cleaned(texts))

    def cleaned(self, texts: Sequence[str]) -> TokenizedTexts:
        """Returns N raw texts as training would have seen them."""
        return TokenizedTexts([self.dataset.clean(text) for text in texts])

    def save(self, folder: Path) -> None:
        """Writes the bundle, and last the manifest of all that is in the folder; a file that is there is replaced."""
        facts = {
            "format": formats.BUNDLE,
            "bitjaru": bitjaru.__version__,
            "kind": self.model.kind,
            "engines": dict(self.model.engines),
        }
        self.model.save(folder)
        write_text(folder / "config.yaml", OmegaConf.to_yaml(self.config, resolve=True))
        write_text(folder / "bundle.json", json.dumps(facts, ensure_ascii=False, indent=2))
        manifest.write(folder)

    @classmethod
    def load(cls, folder: Path) -> "Bundle":
        """Reads what `save` wrote.

        Raises:
            BundleError: If a file is missing, damaged, or another one than was saved.
            FormatError: If another version of bitjaru wrote it.
        """
        facts_of(folder)  # another version's files may look otherwise
        manifest.check(folder)
        config = read_config(folder)
        dataset, task = build_part(config, "dataset"), build_part(config, "task")
        return cls(config, dataset, task, _load_model(folder, dataset, task))


def _load_model(folder: Path, dataset: Dataset, task: Task) -> TextModel:
    facts = facts_of(folder)
    if facts["kind"] == EnsembleModel.kind:
        places = {run: (share, folder / MEMBERS / run) for run, share in read_shares(folder).items()}
        return EnsembleModel(
            {run: Member(share, _load_model(place, dataset, task), place) for run, (share, place) in places.items()}
        )
    config = read_config(folder)
    if facts["kind"] == LinearModel.kind:
        return LinearModel.load(folder, build_part(config, "architecture"))
    reading = build_reading(config)
    for name, view in reading.views.items():
        if view.tokenizer.engine != facts["engines"][name]:
            _warn_of_other_tokens(folder, dataset, name, view.tokenizer, facts["engines"][name])
    return Network.load(folder, task, reading)


def words_of(folder: Path, config: DictConfig) -> Vocabulary:
    """Returns what the model of a saved bundle may answer with, without loading the model.

    Raises:
        BundleError: If a file is missing or damaged.
    """
    if facts_of(folder)["kind"] != Network.kind:
        return NO_WORDS
    first = next(iter(read_vocabularies(folder, build_reading(config)).values()))
    return first if isinstance(first, Vocabulary) else NO_WORDS


def _warn_of_other_tokens(folder: Path, dataset: Dataset, view: str, tokenizer: Tokenizer, trained_with: str) -> None:
    """Another version of an analyser may cut texts in other ways: the golden texts show whether it does."""
    golden = Golden.load(folder)
    then = golden.tokens.get(view, [])
    now = list(tokenizer.tokenize([dataset.clean(text) for text in golden.texts]))
    changed = [place for place, (old, new) in enumerate(zip(then, now, strict=False)) if list(old) != list(new)]
    if then and not changed:
        log.info("Trained with %s, answering with %s: the same tokens.", trained_with, tokenizer.engine)
        return
    shown = f" The first: {then[changed[0]]} then, {now[changed[0]]} now." if changed else ""
    log.warning(
        "The model was trained with %s; this is %s. Of %d golden texts %s have other tokens, so that answers differ.%s",
        trained_with,
        tokenizer.engine,
        len(golden.texts),
        len(changed) if then else "an unknown number",
        shown,
    )


def facts_of(folder: Path) -> dict[str, Any]:
    """Returns what a saved bundle says of itself: its format, the version that wrote it, the analyser's.

    Raises:
        BundleError: If there is no bundle in the folder.
        FormatError: If another version of bitjaru wrote it.
    """
    try:
        facts: dict[str, Any] = read_json(folder / "bundle.json")
    except (OSError, ValueError) as error:
        raise BundleError(f"`{folder}` must hold a saved model. Received: {error}.") from error
    advice = "Train the model again, or answer with the version that wrote it."
    formats.check(f"The model in `{folder}`", facts.get("format"), formats.BUNDLE, advice=advice)
    return facts
