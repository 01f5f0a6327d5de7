"""A trained model with all that it needs to answer raw text: config, vocabulary and weights. No pickle."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

import bitjaru
from bitjaru import formats
from bitjaru.configuration import build_part
from bitjaru.data import FloatArray, IntArray
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import PADDING, Vocabulary
from bitjaru.datasets import Dataset
from bitjaru.errors import BundleError
from bitjaru.files import replacing, write_text
from bitjaru.models.golden_set import Golden
from bitjaru.tasks import Answer, Task
from bitjaru.tokenizers import Tokenizer
from bitjaru.training.evaluation import predict
from bitjaru.training.tensorflow_start import start_tensorflow

if TYPE_CHECKING:
    import keras

GROUPS = ("dataset", "tokenizer", "task")
KNOBS = ("max_len", "padding")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bundle:
    """What answers raw text.

    Attributes:
        config: The run's whole config; the tokenizer, the task, `max_len` and `padding` are read from it.
        dataset: As in training; it cleans the texts.
        tokenizer: As in training.
        task: As in training.
        vocabulary: V words.
        model: From ids (B, T) to probabilities (B, O).
    """

    config: DictConfig
    dataset: Dataset
    tokenizer: Tokenizer
    task: Task
    vocabulary: Vocabulary
    model: "keras.Model"

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers N texts, in their order.

        Raises:
            TokenizerError: If the analyser cannot start.
        """
        return self.answers(self.tokens(texts)) if texts else []

    def answers(self, tokens: Tokens) -> list[Answer]:
        """Answers N tokenized texts; says of which the model saw no token that it knows."""
        inputs = self._inputs(tokens)
        answers = self.task.answers(predict(self.model, inputs), self.vocabulary)
        return [
            replace(answer, no_known_token=bool(nothing))
            for answer, nothing in zip(answers, (inputs == PADDING).all(axis=1), strict=True)
        ]

    def probabilities(self, texts: Sequence[str]) -> FloatArray:
        """Returns the model's output for N texts, (N, O)."""
        return predict(self.model, self._inputs(self.tokens(texts)))

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Returns the tokens of N raw texts, as training would have seen them."""
        return Tokens.from_rows(self.tokenizer.tokenize([self.dataset.clean(text) for text in texts]))

    def _inputs(self, tokens: Tokens) -> IntArray:
        return self.task.inputs(tokens, self.vocabulary, length=self.config.max_len, padding=self.config.padding)

    def save(self, folder: Path) -> None:
        """Writes the bundle; a file that stands there is replaced whole."""
        facts = {"format": formats.BUNDLE, "bitjaru": bitjaru.__version__, "engine": self.tokenizer.engine}
        with replacing(folder / "model.keras") as temporary:
            self.model.save(temporary)
        self.vocabulary.save(folder / "vocabulary.json")
        write_text(folder / "config.yaml", OmegaConf.to_yaml(self.config, resolve=True))
        write_text(folder / "bundle.json", json.dumps(facts, ensure_ascii=False, indent=2))

    @classmethod
    def load(cls, folder: Path) -> "Bundle":
        """Reads what `save` wrote.

        Raises:
            BundleError: If a file is missing or damaged.
            FormatError: If another version of bitjaru wrote it.
        """
        start_tensorflow()
        import keras

        import bitjaru.architectures.fused.layers
        import bitjaru.architectures.layers
        import bitjaru.architectures.pooling  # noqa: F401 - they tell Keras of our layers

        facts = facts_of(folder)
        config = OmegaConf.load(folder / "config.yaml")
        if not isinstance(config, DictConfig):
            raise BundleError(
                f"`{folder / 'config.yaml'}` must hold a mapping. Received: a list. Train the model again."
            )
        dataset, tokenizer, task = (build_part(config, group) for group in GROUPS)
        if tokenizer.engine != facts["engine"]:
            _warn_of_other_tokens(folder, dataset, tokenizer, facts["engine"])
        try:
            model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
        except (OSError, ValueError, TypeError) as error:
            raise BundleError(f"`{folder / 'model.keras'}` must be a Keras model. Received: {error}.") from error
        return cls(config, dataset, tokenizer, task, Vocabulary.load(folder / "vocabulary.json"), model)


def _warn_of_other_tokens(folder: Path, dataset: Dataset, tokenizer: Tokenizer, trained_with: str) -> None:
    """Another version of an analyser may cut texts in other ways: the golden texts show whether it does."""
    golden = Golden.load(folder)
    now = list(tokenizer.tokenize([dataset.clean(text) for text in golden.texts]))
    changed = [
        place for place, (old, new) in enumerate(zip(golden.tokens, now, strict=False)) if list(old) != list(new)
    ]
    if golden.tokens and not changed:
        log.info("Trained with %s, answering with %s: the same tokens.", trained_with, tokenizer.engine)
        return
    shown = f" The first: {golden.tokens[changed[0]]} then, {now[changed[0]]} now." if changed else ""
    log.warning(
        "The model was trained with %s; this is %s. Of %d golden texts %s have other tokens, so that answers differ.%s",
        trained_with,
        tokenizer.engine,
        len(golden.texts),
        len(changed) if golden.tokens else "an unknown number",
        shown,
    )


def facts_of(folder: Path) -> dict[str, Any]:
    """Returns what a saved bundle says of itself: its format, the version that wrote it, the analyser's.

    Raises:
        BundleError: If there is no bundle in the folder.
        FormatError: If another version of bitjaru wrote it.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"`{folder}` must hold a saved model. Received: {error}.") from error
    advice = "Train the model again, or answer with the version that wrote it."
    formats.check(f"The model in `{folder}`", facts.get("format"), formats.BUNDLE, advice=advice)
    return facts
