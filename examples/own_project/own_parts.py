"""Parts of this project; the package is not touched."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import PositiveInt

from bitjaru.architectures import Embedding
from bitjaru.architectures.readout import Readout
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Widest:
    """The largest of several dense features over the tokens of a review, (B, T, E) to (B, D)."""

    embedding: Embedding
    readout: Readout
    units: PositiveInt

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D)."""
        import keras

        from bitjaru.architectures.pooling import MaskedMax  # Keras's own would see the padding of a short review

        wide = keras.layers.Dense(self.units, activation="relu")(embedded)
        return self.readout.read(MaskedMax()(wide))


@part
class Jamo:
    """Letters of Korean syllables: `좋` is ㅈ, ㅗ, ㅎ."""

    @property
    def engine(self) -> str:
        """Part of the key of the token cache."""
        return "jamo 1"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the letters of each text."""
        for text in texts:
            yield [letter for letter in unicodedata.normalize("NFD", text) if not letter.isspace()]
