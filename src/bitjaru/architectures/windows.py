"""Convolutions that skip padding. Import this module before loading a saved model."""

from typing import Any

import keras
from keras import ops

from bitjaru.architectures.pooling import FAR_BELOW, Pooled


@keras.saving.register_keras_serializable(package="bitjaru")
class StrongestWindow(Pooled):
    """Vectors (B, T, E) to the strongest answer of each filter over all runs of tokens, (B, F) (Kim 2014).

    A run may reach over either end of a review, where it sees zeros. However much padding a batch carries, an answer is
    the same: windows without any token have no say, and an empty review is the zero vector.

    Args:
        filters: F.
        kernel_size: Tokens of a run.
    """

    def __init__(self, filters: int, kernel_size: int, **layer: Any) -> None:
        super().__init__(**layer)
        self.filters, self.kernel_size = filters, kernel_size
        self.convolution = keras.layers.Conv1D(filters, kernel_size, activation="relu", name="convolution")

    def build(self, vectors_shape: Any) -> None:
        """Makes the weights of the convolution."""
        self.convolution.build(vectors_shape)
        super().build(vectors_shape)

    def call(self, vectors: Any, mask: Any = None) -> Any:
        """Returns the strongest answers, (B, F)."""
        seen = ops.ones(ops.shape(vectors)[:2], vectors.dtype) if mask is None else ops.cast(mask, vectors.dtype)
        seen = ops.expand_dims(seen, -1)
        over = [[0, 0], [self.kernel_size - 1, self.kernel_size - 1], [0, 0]]
        answers = self.convolution(ops.pad(vectors * seen, over))
        some = ops.max_pool(ops.pad(seen, over), self.kernel_size, 1, padding="valid") > 0
        # An answer is never below 0, so that 0 stands for a review without any.
        return ops.maximum(ops.max(ops.where(some, answers, FAR_BELOW), axis=1), 0.0)

    def compute_output_spec(self, vectors: Any, mask: Any = None) -> Any:
        """Returns (B, F)."""
        del mask
        return keras.KerasTensor((vectors.shape[0], self.filters), vectors.dtype)

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "filters": self.filters, "kernel_size": self.kernel_size}
