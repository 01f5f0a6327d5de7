"""Optimizers that update only the embedding rows that a batch has looked up.

With a large vocabulary most of a training step can go into moving the running means of words that the batch
does not hold. The classes here give an embedding the update that PyTorch's `SparseAdam` gives it, and every
other weight exactly Keras's update. Their meaning differs from Keras's in two ways:

- **A row without gradient stands still.** Keras lets its running means decay at every step, so a word goes on
  moving for a while after it was seen. Here they wait until the word occurs again. Nothing differs while every
  row has a gradient at every step.
- **A word that a batch holds several times has one gradient, the sum.** Keras squares the gradient of each
  occurrence and adds the squares; here the sum is squared, as the derivative of the loss says.

This module imports TensorFlow, so parts import it only inside `build`.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from bitjaru.optimizers.embedding import EmbeddingStep
from bitjaru.optimizers.in_place import refuse_momentum


class RowSparse(EmbeddingStep):
    """Gives an embedding one gradient for each row; stands before the Keras optimizer among the bases."""

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Sums the gradients of repeated words before anything else: clipping needs the norm of the sums."""
        super().apply([sum_by_row(gradient) for gradient in grads], trainable_variables)


@keras.saving.register_keras_serializable(package="bitjaru")
class RowAdam(RowSparse, keras.optimizers.Adam):  # type: ignore[misc]
    """Adam whose embedding rows move only in the steps in which they have a gradient.

    The two running means of a row skip the steps without it; the correction of their bias counts every step.
    """

    def update_embedding(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Takes Adam's step in these rows."""
        place = self._get_variable_index(variable)
        mean, square = self._momentums[place], self._velocities[place]
        step = tf.cast(self.iterations + 1, variable.dtype)
        rate = learning_rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        new_mean = _blend(mean, rows, gradient, self.beta_1)
        new_square = _blend(square, rows, tf.square(gradient), self.beta_2)
        self.assign(mean, tf.IndexedSlices(new_mean, rows))
        self.assign(square, tf.IndexedSlices(new_square, rows))
        change = rate * new_mean / (tf.sqrt(new_square) + self.epsilon)
        self.assign_sub(variable, tf.IndexedSlices(change, rows))


@keras.saving.register_keras_serializable(package="bitjaru")
class RowRMSprop(RowSparse, keras.optimizers.RMSprop):  # type: ignore[misc]
    """RMSprop, without momentum and not centered, whose embedding rows move only when they have a gradient.

    Raises:
        ValueError: If momentum or centering is wanted; these have no row-sparse form here.
    """

    def build(self, variables: Sequence[Any]) -> None:
        """Makes the running means, all zero."""
        refuse_momentum(self)
        super().build(variables)

    def update_embedding(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Takes RMSprop's step in these rows."""
        square = self._velocities[self._get_variable_index(variable)]
        new_square = _blend(square, rows, tf.square(gradient), self.rho)
        self.assign(square, tf.IndexedSlices(new_square, rows))
        change = learning_rate * gradient / tf.sqrt(new_square + self.epsilon)
        self.assign_sub(variable, tf.IndexedSlices(change, rows))


def sum_by_row(gradient: Any) -> Any:
    """Returns the same gradient with one slice for each row; one that is not sparse comes back as it is.

    Args:
        gradient: A tensor, None, or `IndexedSlices` whose row numbers may repeat.
    """
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, slot = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, slot, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)


def _blend(mean: Any, rows: Any, value: Any, decay: float) -> Any:
    """Returns the next running mean of these rows, (rows, E)."""
    return decay * tf.gather(mean.value, rows) + (1 - decay) * value
