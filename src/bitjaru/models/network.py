"""A neural network that reads text: its views, their vocabularies, and a Keras model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bitjaru.architectures.views import Reading
from bitjaru.data import FloatArray, IntArray
from bitjaru.data.hashed_vocabulary import AnyVocabulary, read_vocabulary
from bitjaru.data.stored import inside
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import NO_WORDS, PADDING, Vocabulary
from bitjaru.errors import BundleError
from bitjaru.files import replacing
from bitjaru.models.exported.graph import FILE
from bitjaru.models.exported.onnx_network import OnnxNetwork
from bitjaru.models.tokenized_texts import TokenizedTexts
from bitjaru.models.trust import keras_file
from bitjaru.tasks import Task
from bitjaru.training.evaluation import predict
from bitjaru.training.tensorflow_start import start_tensorflow

if TYPE_CHECKING:
    import keras

MODEL, VOCABULARIES = "model.keras", "vocabularies"


@dataclass(frozen=True)
class Network:
    """A network with all that it needs to read text.

    Attributes:
        task: Makes inputs of tokens.
        reading: The views.
        vocabularies: Of each view.
        model: From ids (B, T) to probabilities (B, O), as it was trained or exported.
    """

    kind: ClassVar[str] = "network"

    task: Task
    reading: Reading
    vocabularies: Mapping[str, AnyVocabulary]
    model: "keras.Model | OnnxNetwork"

    @property
    def engines(self) -> Mapping[str, str]:
        """Of the tokenizer of each view."""
        return {name: view.tokenizer.engine for name, view in self.reading.views.items()}

    @property
    def reads(self) -> Sequence[str]:
        """Says how each view reads a text."""
        return [
            f"Cut into tokens by {view.tokenizer.engine}; the last {view.max_len} of them are read."
            for view in self.reading.views.values()
        ]

    @property
    def weights(self) -> int:
        """How many numbers it has."""
        return int(self.model.count_params())

    @property
    def words(self) -> Vocabulary:
        """Those of its first view."""
        first = next(iter(self.vocabularies.values()))
        return first if isinstance(first, Vocabulary) else NO_WORDS

    def predict(self, inputs: IntArray) -> FloatArray:
        """Returns the probabilities (N, O) of inputs (N, T)."""
        return self.model.predict(inputs) if isinstance(self.model, OnnxNetwork) else predict(self.model, inputs)

    def inputs(self, tokens: Mapping[str, Tokens]) -> IntArray:
        """Makes inputs (N, T) of the tokens of each view."""
        made = [
            self.task.inputs(tokens[name], self.vocabularies[name], length=view.max_len, padding=view.padding)
            for name, view in self.reading.views.items()
        ]
        return made[0] if len(made) == 1 else np.concatenate(made, axis=1)

    def read(self, texts: TokenizedTexts) -> IntArray:
        """Makes inputs (N, T) of N texts."""
        views = self.reading.views
        return texts.once(
            self, lambda: self.inputs({name: texts.tokens(view.tokenizer) for name, view in views.items()})
        )

    def probabilities(self, texts: TokenizedTexts) -> FloatArray:
        """Returns the probabilities (N, O) of N texts."""
        return self.predict(self.read(texts))

    def knows(self, texts: TokenizedTexts) -> NDArray[Any]:
        """Returns whether any view of a text holds a word that it knows, (N,)."""
        return np.asarray((self.read(texts) != PADDING).any(axis=1))

    def save(self, folder: Path) -> None:
        """Writes the Keras model and the vocabularies."""
        if isinstance(self.model, OnnxNetwork):
            self.model.save(folder)
        else:
            with replacing(folder / MODEL) as temporary:
                _without_optimizer(self.model).save(temporary)
        for name, vocabulary in self.vocabularies.items():
            vocabulary.save(folder / VOCABULARIES / f"{name}.json")

    @classmethod
    def load(cls, folder: Path, task: Task, reading: Reading) -> "Network":
        """Reads what `save` wrote.

        Raises:
            BundleError: If a file is missing or damaged.
        """
        vocabularies = read_vocabularies(folder, reading)
        if (folder / FILE).is_file():
            return cls(task, reading, vocabularies, OnnxNetwork(folder / FILE))
        start_tensorflow()
        import keras

        import bitjaru.architectures.fused.layers
        import bitjaru.architectures.layers
        import bitjaru.architectures.pooling
        import bitjaru.architectures.windows  # noqa: F401 - they tell Keras of our layers

        try:
            keras_file.check(folder / MODEL)
            model = keras.saving.load_model(folder / MODEL, compile=False, safe_mode=True)
        except (OSError, ValueError, TypeError) as error:
            raise BundleError(f"`{folder / MODEL}` must be a Keras model. Received: {error}.") from error
        return cls(task, reading, vocabularies, model)


def _without_optimizer(model: "keras.Model") -> "keras.Model":
    """The same layers, never compiled: what Adam remembers of each weight would make the file three times as large."""
    import keras

    return keras.Model(model.inputs, model.outputs, name=model.name)


def read_vocabularies(folder: Path, reading: Reading) -> Mapping[str, AnyVocabulary]:
    """Reads the vocabulary of each view.

    Raises:
        BundleError: If one is missing or damaged.
    """
    try:
        return {name: read_vocabulary(inside(folder / VOCABULARIES, f"{name}.json")) for name in reading.views}
    except ValueError as error:
        raise BundleError(f"A view's name must be that of a file in {folder}. Received: {error}.") from error
