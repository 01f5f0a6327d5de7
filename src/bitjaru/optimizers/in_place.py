"""Keras's Adam and RMSprop, with the update of an embedding made in place.

Both compute what Keras computes: every row moves at every step, and of a word that a batch holds several times each
occurrence is squared by itself. Results differ by rounding only (about 1e-6). Keras makes several arrays as large as
the embedding for that; here the slices are added to the running means, and one pass over the memory does the rest.

This module imports TensorFlow, so parts import it only inside `build`.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from bitjaru.optimizers.embedding import EmbeddingStep


@keras.saving.register_keras_serializable(package="bitjaru")
class InPlaceAdam(EmbeddingStep, keras.optimizers.Adam):  # type: ignore[misc]
    """`keras.optimizers.Adam`, whose embeddings are updated by TensorFlow's own kernel.

    Raises:
        ValueError: If a decay is 0, which that way cannot be computed, or `amsgrad` is wanted, which is not here.
    """

    def build(self, variables: Sequence[Any]) -> None:
        """Makes the running means, all zero."""
        if self.amsgrad or not self.beta_1 or not self.beta_2:
            raise ValueError(
                "`InPlaceAdam` must have decays above 0 and no `amsgrad`. Received: "
                f"beta_1={self.beta_1}, beta_2={self.beta_2}, amsgrad={self.amsgrad}. Use `keras.optimizers.Adam`."
            )
        super().build(variables)

    def update_embedding(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Takes Adam's step in all rows.

        The kernel multiplies both means by their decay and adds its share of a dense gradient. That gradient is zero
        here: what the slices add stands in the means already, divided by the decay that is still to come.
        """
        place, step = self._get_variable_index(variable), tf.cast(self.iterations + 1, variable.dtype)
        mean, square = self._momentums[place].value, self._velocities[place].value
        mean.scatter_add(tf.IndexedSlices(gradient * ((1 - self.beta_1) / self.beta_1), rows))
        square.scatter_add(tf.IndexedSlices(tf.square(gradient) * ((1 - self.beta_2) / self.beta_2), rows))
        with tf.init_scope():  # made once, when the step is traced, and not in every step
            nothing = tf.zeros_like(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=mean.handle,
            v=square.handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=learning_rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=nothing,
        )


@keras.saving.register_keras_serializable(package="bitjaru")
class InPlaceRMSprop(EmbeddingStep, keras.optimizers.RMSprop):  # type: ignore[misc]
    """`keras.optimizers.RMSprop`, without momentum and not centered: a row without gradient does not move.

    Raises:
        ValueError: If momentum or centering is wanted, which are not here.
    """

    def build(self, variables: Sequence[Any]) -> None:
        """Makes the running means, all zero."""
        refuse_momentum(self)
        super().build(variables)

    def update_embedding(self, rows: Any, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Lets the running mean of every row decay, and moves the rows of the batch."""
        square = self._velocities[self._get_variable_index(variable)].value
        square.assign(self.rho * square)
        square.scatter_add(tf.IndexedSlices((1 - self.rho) * tf.square(gradient), rows))
        change = learning_rate * gradient / tf.sqrt(tf.gather(square, rows) + self.epsilon)
        variable.scatter_sub(tf.IndexedSlices(change, rows))


def refuse_momentum(optimizer: Any) -> None:
    """Refuses an RMSprop that would have to move more than the rows of a batch.

    Raises:
        ValueError: If it has momentum or is centered.
    """
    if optimizer.momentum or optimizer.centered:
        raise ValueError(
            f"`{type(optimizer).__name__}` must have no momentum and not be centered. Received: momentum="
            f"{optimizer.momentum}, centered={optimizer.centered}. Use `keras.optimizers.RMSprop`."
        )
