"""How weights are changed: one option of `conf/optimizer` a module."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import keras


class Optimizer(Protocol):
    """Makes a fresh Keras optimizer."""

    def build(self) -> "keras.Optimizer": ...
