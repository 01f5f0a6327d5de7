"""Adam: steps scaled by running means of the gradient and of its square."""

from typing import TYPE_CHECKING

from bitjaru.optimizers.ranges import Decay, EmbeddingUpdate, Positive
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class Adam:
    """Keras's Adam, made in place; or with `embedding_update="rows"` the one that leaves the words of no batch alone.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
    """

    learning_rate: Positive
    beta_1: Decay
    beta_2: Decay
    epsilon: Positive
    clipnorm: Positive | None
    embedding_update: EmbeddingUpdate

    def build(self) -> "keras.Optimizer":
        """Makes a fresh optimizer."""
        return self._kind()(
            learning_rate=self.learning_rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            clipnorm=self.clipnorm,
        )

    def _kind(self) -> "type[keras.Optimizer]":
        import keras

        from bitjaru.optimizers.in_place import InPlaceAdam
        from bitjaru.optimizers.rows import RowAdam

        if self.embedding_update == "rows":
            return RowAdam
        forgets_at_once = not self.beta_1 or not self.beta_2  # has no form in place
        return keras.optimizers.Adam if forgets_at_once else InPlaceAdam
