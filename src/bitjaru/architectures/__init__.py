"""How embedded tokens become features: one option of `conf/architecture` names a class here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from bitjaru.data import IntArray

if TYPE_CHECKING:
    import keras

    from bitjaru.architectures.tfidf.model import TfIdf


@runtime_checkable
class FittedAtOnce(Protocol):
    """Reads the texts themselves and learns in one go, without epochs."""

    @property
    def engine(self) -> str:
        """Name and version of how it cuts texts."""

    def fit(self, texts: Sequence[str], labels: IntArray) -> "TfIdf":
        """Learns from N texts and their labels (N,).

        Raises:
            DataError: If nothing can be learned from them.
        """


@runtime_checkable
class Embedding(Protocol):
    """Turns ids (B, T) into vectors (B, T, E)."""

    @property
    def mask(self) -> bool:
        """Whether layers that can skip padding do so."""

    def embed(self, ids: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor": ...


@runtime_checkable
class Architecture(Protocol):
    """Turns embedded tokens into features."""

    @property
    def embedding(self) -> Embedding: ...

    def features(self, embedded: "keras.KerasTensor") -> "keras.KerasTensor":
        """Maps (B, T, E) to (B, D).

        Raises:
            ConfigError: If T is too short for it.
        """
