"""How embedded tokens become features: one option of `conf/architecture` names a class here."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import keras


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
