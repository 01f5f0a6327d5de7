"""RMSprop: steps scaled by a running mean of the gradient's square."""

from typing import TYPE_CHECKING

from bitjaru.optimizers.ranges import Decay, EmbeddingUpdate, Positive
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class RMSprop:
    """Keras's RMSprop, made in place; or with `embedding_update="rows"` one that leaves the words of no batch alone.

    Source: Hinton, lecture 6 of "Neural Networks for Machine Learning", 2012.
    """

    learning_rate: Positive
    rho: Decay
    epsilon: Positive
    clipnorm: Positive | None
    embedding_update: EmbeddingUpdate
    embedding_multiplier: Positive

    def build(self) -> "keras.Optimizer":
        """Makes a fresh optimizer."""
        from bitjaru.optimizers.in_place import InPlaceRMSprop
        from bitjaru.optimizers.rows import RowRMSprop

        rmsprop = RowRMSprop if self.embedding_update == "rows" else InPlaceRMSprop
        return rmsprop(
            learning_rate=self.learning_rate,
            embedding_multiplier=self.embedding_multiplier,
            rho=self.rho,
            epsilon=self.epsilon,
            clipnorm=self.clipnorm,
        )
