"""Optimizers that update only the embedding rows that a batch has looked up.

With a large vocabulary most of a training step can go into moving the running means of words that the batch
does not hold. The classes here give an embedding the update that PyTorch's `SparseAdam` gives it, and every
other weight exactly Keras's update. Their meaning differs from Keras's in two ways:

- **A row without gradient stands still.** Keras lets its running means decay at every step, so a word goes on
  moving for a while after it was seen. Here they wait until the word occurs again. Nothing differs while every
  row has a gradient at every step.
- **A word that a batch holds several times has one gradient, the sum.** Keras squares the gradient of each
  occurrence and adds the squares; here the sum is squared, as the derivative of the loss says.

TensorFlow gives the gradient of an `Embedding` as `IndexedSlices`: one slice an occurrence, not one a row.
This module imports TensorFlow, so parts import it only inside `build`.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class RowSparse(keras.optimizers.Optimizer):  # type: ignore[misc]
    """What is the same in every optimizer here; stands before the Keras optimizer among the bases."""

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Sums the gradients of repeated words before anything else: clipping needs the norm of the sums."""
        super().apply([sum_by_row(gradient) for gradient in grads], trainable_variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates one variable: all of it, or the rows that `gradient` names."""
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        values, rate = tf.cast(gradient.values, variable.dtype), tf.cast(learning_rate, variable.dtype)
        self.update_rows(gradient.indices, values, variable, rate)

    def update_rows(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Updates some rows of one variable.

        Args:
            rows: Row numbers, each once, (R,).
            gradient: Of these rows, (R, E).
            variable: The embedding, (V, E).
            learning_rate: A scalar.
        """
        raise NotImplementedError


@keras.saving.register_keras_serializable(package="bitjaru")
class RowAdam(RowSparse, keras.optimizers.Adam):  # type: ignore[misc]
    """Adam whose embedding rows move only in the steps in which they have a gradient.

    The two running means of a row skip the steps without it; the correction of their bias counts every step.
    """

    def update_rows(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
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
    """RMSprop, without momentum and not centered, whose embedding rows move only when they have a gradient."""

    def build(self, var_list: Sequence[Any]) -> None:
        """Makes the running means, all zero.

        Raises:
            ValueError: If it has momentum or is centered; these have no row-sparse form here.
        """
        if self.momentum or self.centered:
            raise ValueError(
                "`RowRMSprop` must have no momentum and not be centered. "
                f"Received: momentum={self.momentum}, centered={self.centered}. Use `keras.optimizers.RMSprop`."
            )
        super().build(var_list)

    def update_rows(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
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
