"""AdamW: Adam that also pulls every weight towards zero."""

from typing import TYPE_CHECKING

from bitjaru.optimizers.ranges import Decay, NotNegative, Positive
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class AdamW:
    """Keras's AdamW. The pull reaches every embedding row at every step, so it has no row-sparse form.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
    """

    learning_rate: Positive
    weight_decay: NotNegative
    beta_1: Decay
    beta_2: Decay
    epsilon: Positive
    clipnorm: Positive | None

    def build(self) -> "keras.Optimizer":
        """Makes a fresh optimizer."""
        import keras

        return keras.optimizers.AdamW(
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            clipnorm=self.clipnorm,
        )
