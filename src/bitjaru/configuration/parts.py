"""What a run is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from omegaconf import DictConfig
from pydantic import Field, PositiveInt, ValidationError

from bitjaru.architectures import Architecture, FittedAtOnce
from bitjaru.architectures.views import Reading, View, Views, VocabularySize
from bitjaru.configuration.part import build_part, explain
from bitjaru.data.examples import Side
from bitjaru.datasets import Dataset
from bitjaru.errors import ConfigError
from bitjaru.optimizers import Optimizer
from bitjaru.options import part
from bitjaru.tasks import Task
from bitjaru.tokenizers import Tokenizer
from bitjaru.training.trainer import Trainer

OWN_VIEW = "tokens"  # of a model that reads a review in one way: with the run's own tokenizer
GROUPS = ("dataset", "tokenizer", "task", "architecture", "optimizer", "trainer", "tracking")


@part
class Settings:
    """The knobs that belong to no group.

    Attributes:
        max_len: T.
        vocab_size: V at most, padding and out-of-vocabulary included; None for every word.
        padding: Where a short review is filled up.
        train_fraction: Share of the training part that is learned from.
        seed: Of weights, shuffling and dropout, and of which reviews that share are.
    """

    max_len: PositiveInt
    vocab_size: VocabularySize | None
    padding: Side
    train_fraction: Annotated[float, Field(gt=0, le=1)]
    seed: Annotated[int, Field(ge=0, lt=2**32)]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that a run is made of, checked."""

    dataset: Dataset
    tokenizer: Tokenizer
    task: Task
    architecture: Architecture | Views | FittedAtOnce
    optimizer: Optimizer
    trainer: Trainer
    tracking: Any
    settings: Settings

    @property
    def reading(self) -> Reading:
        """How the model reads a review."""
        return _reading(self.tokenizer, self.architecture, self.settings)

    @property
    def engines(self) -> Sequence[str]:
        """Names and versions of whatever cuts the texts."""
        if isinstance(self.architecture, FittedAtOnce):
            return [self.architecture.engine]
        return list(dict.fromkeys(view.tokenizer.engine for view in self.reading.views.values()))

    @property
    def trimmed(self) -> Mapping[str, bool]:
        """Whether each view's batches are cut to their longest example, so that its encoder must take any length.

        Raises:
            ConfigError: If the trainer wants that and an encoder reads the padding.
        """
        views = self.reading.views
        return {name: self.trainer.batches.trims(masked=view.encoder.embedding.mask) for name, view in views.items()}

    @property
    def trims(self) -> bool:
        """Whether whole batches are cut, those of the one view; several views cut their columns themselves."""
        trimmed = self.trimmed
        return len(trimmed) == 1 and all(trimmed.values())


def parts_of(config: DictConfig) -> Parts:
    """Makes every part of a composed config; whether they suit each other is not looked at.

    Raises:
        ConfigError: If a key or value cannot be used.
    """
    parts = {group: build_part(config, group) for group in GROUPS}
    return Parts(**parts, settings=_settings(config))


def build_reading(config: DictConfig) -> Reading:
    """Returns how the model of a composed config reads a review.

    Raises:
        ConfigError: If a key or value cannot be used.
    """
    return _reading(build_part(config, "tokenizer"), build_part(config, "architecture"), _settings(config))


def _settings(config: DictConfig) -> Settings:
    names = ("max_len", "vocab_size", "padding", "train_fraction", "seed")
    try:
        return Settings(**{name: config[name] for name in names})
    except ValidationError as error:
        raise ConfigError(explain(error, "")) from error


def _reading(tokenizer: Tokenizer, architecture: Architecture | Views | FittedAtOnce, settings: Settings) -> Reading:
    """Returns the views of an architecture that has any, or the one that the tokenizer and the settings make.

    What reads the texts themselves has none.
    """
    if isinstance(architecture, FittedAtOnce):
        return Reading({}, None)
    if isinstance(architecture, Views):
        return Reading(architecture.views, architecture.readout)
    view = View(
        tokenizer=tokenizer,
        max_len=settings.max_len,
        vocab_size=settings.vocab_size,
        vocabulary="counted",
        padding=settings.padding,
        encoder=architecture,
    )
    return Reading({OWN_VIEW: view}, None)
