"""From one vector a token to one vector a review. Import this module before loading a saved model.

Every pooling here skips masked tokens, and an empty review becomes the zero vector.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
from keras import ops

FAR_BELOW = -1e9


class Pooled(keras.layers.Layer):  # type: ignore[misc]
    """Takes a mask and ends it: there is one vector a review from here on."""

    def __init__(self, **layer: Any) -> None:
        super().__init__(**layer)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Ends the mask."""
        del inputs, previous_mask


@keras.saving.register_keras_serializable(package="bitjaru")
class MaskedAverage(Pooled):
    """Vectors (B, T, E) to their mean over the tokens that are not masked, (B, E).

    Keras's `GlobalAveragePooling1D` divides by zero where every token is masked.
    """

    def call(self, vectors: Any, mask: Any = None) -> Any:
        """Returns the mean, (B, E)."""
        if mask is None:
            return ops.mean(vectors, axis=1)
        weight = ops.expand_dims(ops.cast(mask, vectors.dtype), -1)
        return ops.sum(vectors * weight, axis=1) / ops.maximum(ops.sum(weight, axis=1), 1)


@keras.saving.register_keras_serializable(package="bitjaru")
class MaskedMax(Pooled):
    """Vectors (B, T, E) to the largest of each column over the tokens that are not masked, (B, E)."""

    def call(self, vectors: Any, mask: Any = None) -> Any:
        """Returns the maximum, (B, E)."""
        if mask is None:
            return ops.max(vectors, axis=1)
        seen = ops.expand_dims(mask, -1)
        largest = ops.max(ops.where(seen, vectors, FAR_BELOW), axis=1)
        return ops.where(ops.any(seen, axis=1), largest, 0.0)


@keras.saving.register_keras_serializable(package="bitjaru")
class RootSum(Pooled):
    """Vectors (B, T, E) to their sum over the root of their number, (B, E).

    A sum grows with the length of a review and a mean forgets it; of n independent vectors this has the same variance
    whatever n is.

    Args:
        dropout: Share of the tokens that is left out while training, anew in each batch: neither summed nor counted.
    """

    def __init__(self, dropout: float = 0.0, **layer: Any) -> None:
        super().__init__(**layer)
        self.dropout = dropout
        self.seeds = keras.random.SeedGenerator()

    def call(self, vectors: Any, mask: Any = None, training: bool = False) -> Any:
        """Returns the scaled sum, (B, E)."""
        size = ops.shape(vectors)[:2]
        weight = ops.ones(size, vectors.dtype) if mask is None else ops.cast(mask, vectors.dtype)
        if training and self.dropout:
            kept = keras.random.uniform(size, seed=self.seeds) >= self.dropout
            weight *= ops.cast(kept, vectors.dtype)
        total = ops.einsum("bt,bte->be", weight, vectors)
        return total / ops.sqrt(ops.maximum(ops.sum(weight, axis=1, keepdims=True), 1))

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "dropout": self.dropout}


@keras.saving.register_keras_serializable(package="bitjaru")
class Attention(Pooled):
    """Vectors (B, T, E) to their mean, weighed by what each says to a learned question, (B, E) (Yang et al. 2016)."""

    def build(self, vectors_shape: Any) -> None:
        """Makes the projection (E, E), its bias and the question (E,)."""
        width = vectors_shape[-1]
        self.projection = self.add_weight(shape=(width, width), name="projection")
        self.bias = self.add_weight(shape=(width,), initializer="zeros", name="bias")
        self.question = self.add_weight(shape=(width, 1), name="question")
        super().build(vectors_shape)

    def call(self, vectors: Any, mask: Any = None) -> Any:
        """Returns the weighted mean, (B, E)."""
        hidden = ops.tanh(ops.matmul(vectors, self.projection) + self.bias)
        scores = ops.matmul(hidden, self.question)
        if mask is None:
            return ops.sum(ops.softmax(scores, axis=1) * vectors, axis=1)
        seen = ops.expand_dims(mask, -1)
        weights = ops.softmax(ops.where(seen, scores, FAR_BELOW), axis=1)
        return ops.sum(weights * vectors * ops.cast(seen, vectors.dtype), axis=1)


@keras.saving.register_keras_serializable(package="bitjaru")
class Last(Pooled):
    """States (B, T, D) to the one after the last token, (B, D): what a recurrent layer returns alone.

    Args:
        backwards: How many columns, the last ones, are of a layer that reads from the end: it is done at the first
            token. Keras shows zeros where such a layer passes masked tokens.
    """

    def __init__(self, backwards: int = 0, **layer: Any) -> None:
        super().__init__(**layer)
        self.backwards = backwards

    def call(self, states: Any, mask: Any = None) -> Any:
        """Returns the last state, (B, D)."""
        forwards = states.shape[-1] - self.backwards
        if mask is None:
            return ops.concatenate([states[:, -1, :forwards], states[:, 0, forwards:]], axis=-1)
        seen = ops.cast(mask, states.dtype)
        first = ops.cast(ops.logical_and(mask, ops.cumsum(seen, axis=1) == 1), states.dtype)
        left = ops.sum(seen, axis=1, keepdims=True) - ops.cumsum(seen, axis=1)
        last = ops.cast(ops.logical_and(mask, left == 0), states.dtype)
        ends = [ops.einsum("bt,btd->bd", last, states[:, :, :forwards])]
        if self.backwards:
            ends.append(ops.einsum("bt,btd->bd", first, states[:, :, forwards:]))
        return ops.concatenate(ends, axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns what `__init__` takes."""
        return {**super().get_config(), "backwards": self.backwards}


def pool(states: Any, kinds: Sequence[str], *, backwards: int) -> Any:
    """Joins several poolings of the states of a recurrent layer.

    Args:
        states: After every token, (B, T, D).
        kinds: In the order in which they are joined.
        backwards: Columns of the states that are of a layer that reads from the end.

    Returns:
        (B, D) for one kind, (B, D · kinds) for several.
    """
    layers: dict[str, Callable[..., Any]] = {
        "last": partial(Last, backwards),
        "max": MaskedMax,
        "mean": MaskedAverage,
        "attention": Attention,
    }
    pooled = [layers[kind](name=f"pooling_{kind}")(states) for kind in kinds]
    return pooled[0] if len(pooled) == 1 else keras.layers.Concatenate(name="pooling")(pooled)
