"""Keras layers that Keras itself lacks. Import this module before loading a saved model."""

from typing import Any

import keras
from keras import ops

from bitjaru.data.vocabulary import OUT_OF_VOCABULARY, PADDING


@keras.saving.register_keras_serializable(package="bitjaru")
class OneHot(keras.layers.Layer):  # type: ignore[misc]
    """Ids (B, T) to one-hot vectors (B, T, V), without weights.

    Args:
        vocabulary_size: V.
        mask_zero: Whether id 0 is masked.
        name: The layer's name.
    """

    def __init__(self, vocabulary_size: int, mask_zero: bool = False, name: str | None = None, **layer: Any) -> None:
        super().__init__(name=name, **layer)
        self.vocabulary_size = vocabulary_size
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero

    def call(self, ids: Any) -> Any:
        """Returns the one-hot vectors."""
        return ops.one_hot(ids, self.vocabulary_size)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Marks every token that is not padding."""
        del previous_mask
        return ops.not_equal(inputs, PADDING) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "vocabulary_size": self.vocabulary_size, "mask_zero": self.mask_zero}


@keras.saving.register_keras_serializable(package="bitjaru")
class Embedding(keras.layers.Embedding):  # type: ignore[misc]
    """`keras.layers.Embedding`, ids (B, T) to vectors (B, T, E), which a training step may look at and move.

    Attributes:
        embedded: The vectors of the latest call.
        moved_by: What is added to those of the next calls, (B, T, E); None for nothing.
    """

    embedded: Any = None
    moved_by: Any = None

    def call(self, ids: Any) -> Any:
        """Returns the vectors."""
        self.embedded = super().call(ids)
        return self.embedded if self.moved_by is None else self.embedded + self.moved_by


@keras.saving.register_keras_serializable(package="bitjaru")
class TokenDropout(keras.layers.Layer):  # type: ignore[misc]
    """While training, a share of the ids (B, T) becomes another id, anew in each batch.

    `[OOV]` in its place is word dropout (Dai & Le 2015; Iyyer et al. 2015): the model learns to do without any one
    word. Padding in its place takes the token out of a bag altogether. Padding stays padding.

    Args:
        rate: The share.
        becomes: The id.
        name: The layer's name.
    """

    def __init__(self, rate: float, becomes: int = OUT_OF_VOCABULARY, name: str | None = None, **layer: Any) -> None:
        super().__init__(name=name, **layer)
        self.rate, self.becomes = rate, becomes
        self.seeds = keras.random.SeedGenerator()

    def call(self, ids: Any, training: bool = False) -> Any:
        """Returns the ids, some of them changed."""
        if not training:
            return ids
        drawn = keras.random.uniform(ops.shape(ids), seed=self.seeds)
        return ops.where(ops.logical_and(drawn < self.rate, ids != PADDING), self.becomes, ids)

    def compute_output_spec(self, ids: Any, training: bool = False) -> Any:
        """Returns what comes in: ids of the same shape."""
        del training
        return keras.KerasTensor(ids.shape, ids.dtype)

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "rate": self.rate, "becomes": self.becomes}


@keras.saving.register_keras_serializable(package="bitjaru")
class Columns(keras.layers.Layer):  # type: ignore[misc]
    """Ids (B, T) to those of one view, (B, t).

    Args:
        start: The view's first column.
        stop: The one after its last.
        trim: The side on which columns are left out that are padding in the whole batch, `pre` or `post`; None keeps
            them all.
        name: The layer's name.
    """

    def __init__(self, start: int, stop: int, trim: str | None, name: str | None = None, **layer: Any) -> None:
        super().__init__(name=name, **layer)
        self.start, self.stop, self.trim = start, stop, trim

    def call(self, ids: Any) -> Any:
        """Returns the columns, one of them at least."""
        own = ids[:, self.start : self.stop]
        if self.trim is None:
            return own
        length = self.stop - self.start
        filled = ops.cast(ops.any(own != PADDING, axis=0), "int32")
        if self.trim == "pre":
            return own[:, ops.minimum(length - ops.max(filled * ops.arange(length, 0, -1)), length - 1) :]
        return own[:, : ops.maximum(ops.max(filled * ops.arange(1, length + 1)), 1)]

    def compute_output_spec(self, ids: Any) -> Any:
        """Returns (B, t), or (B, None) where columns are left out."""
        return keras.KerasTensor((ids.shape[0], None if self.trim else self.stop - self.start), ids.dtype)

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "start": self.start, "stop": self.stop, "trim": self.trim}
