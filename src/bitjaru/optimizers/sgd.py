"""Stochastic gradient descent, plain or with momentum."""

from typing import TYPE_CHECKING

from bitjaru.errors import ConfigError
from bitjaru.optimizers.ranges import Decay, Positive
from bitjaru.options import part

if TYPE_CHECKING:
    import keras


@part
class SGD:
    """Keras's SGD. Without momentum it already touches nothing but the embedding rows of the batch."""

    learning_rate: Positive
    momentum: Decay
    nesterov: bool
    clipnorm: Positive | None

    def __post_init__(self) -> None:
        if self.nesterov and not self.momentum:
            raise ConfigError(
                "`nesterov` looks ahead along the momentum, so it needs one. "
                f"Received: nesterov={self.nesterov}, momentum={self.momentum}. "
                "Set `optimizer.momentum=0.9`, or leave `nesterov` false."
            )

    def build(self) -> "keras.Optimizer":
        """Makes a fresh optimizer."""
        import keras

        return keras.optimizers.SGD(
            learning_rate=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov,
            clipnorm=self.clipnorm,
        )
