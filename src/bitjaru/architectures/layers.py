"""Keras layers that Keras itself lacks. Import this module before loading a saved model."""

from typing import Any

import keras
from keras import ops

from bitjaru.data.vocabulary import PADDING


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
class MaskedAverage(keras.layers.Layer):  # type: ignore[misc]
    """Vectors (B, T, E) to their mean over the tokens that are not masked, (B, E).

    Keras's `GlobalAveragePooling1D` divides by zero where every token is masked; here an empty review is
    the zero vector.
    """

    def __init__(self, **layer: Any) -> None:
        super().__init__(**layer)
        self.supports_masking = True

    def call(self, vectors: Any, mask: Any = None) -> Any:
        """Returns the mean, (B, E)."""
        if mask is None:
            return ops.mean(vectors, axis=1)
        weight = ops.expand_dims(ops.cast(mask, vectors.dtype), -1)
        return ops.sum(vectors * weight, axis=1) / ops.maximum(ops.sum(weight, axis=1), 1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Ends the mask: there is one vector a review from here on."""
        del inputs, previous_mask
