"""How the learning rate changes, by Keras's own schedules: options of `conf/trainer/schedule`."""

from typing import TYPE_CHECKING, Annotated, Any, Protocol, runtime_checkable

from pydantic import Field

from bitjaru.options import part

if TYPE_CHECKING:
    import keras

Share = Annotated[float, Field(ge=0, le=1)]


@runtime_checkable
class Schedule(Protocol):
    """Sets an optimizer's learning rate for a whole training."""

    def plan(self, optimizer: "keras.Optimizer", steps: int) -> None:
        """Plans so many steps of all epochs, from the learning rate that the optimizer has."""


@part
class Constant:
    """The same learning rate at every step."""

    def plan(self, optimizer: "keras.Optimizer", steps: int) -> None:
        """Leaves it as it is."""
        del optimizer, steps


@part
class Cosine:
    """Rises in a line, then falls along half a wave of the cosine (Loshchilov & Hutter 2017).

    Attributes:
        warmup: Share of the steps in which it rises from 0.
        final: Share of the learning rate that is left at the end.
    """

    warmup: Share
    final: Share

    def plan(self, optimizer: "keras.Optimizer", steps: int) -> None:
        """Sets the schedule."""
        import keras

        rate, rising = float(optimizer.learning_rate), round(self.warmup * steps)
        falling: dict[str, Any] = {"decay_steps": max(steps - rising, 1), "alpha": self.final}
        optimizer.learning_rate = (
            keras.optimizers.schedules.CosineDecay(0.0, warmup_target=rate, warmup_steps=rising, **falling)
            if rising
            else keras.optimizers.schedules.CosineDecay(rate, **falling)
        )


@part
class Linear:
    """Falls in a line.

    Attributes:
        final: Share of the learning rate that is left at the end.
    """

    final: Share

    def plan(self, optimizer: "keras.Optimizer", steps: int) -> None:
        """Sets the schedule."""
        import keras

        rate = float(optimizer.learning_rate)
        optimizer.learning_rate = keras.optimizers.schedules.PolynomialDecay(
            rate, steps, end_learning_rate=rate * self.final
        )
