"""From examples to a trained model: batches, epochs, checkpoints, and what the model is worth then."""

from collections.abc import Mapping
from typing import Protocol


class Listener(Protocol):
    """Hears of every finished epoch; may end the training by raising `bitjaru.errors.Stop`."""

    def __call__(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Takes the epoch's number, from 1, and `train_loss`, `valid_accuracy`, …, `seconds`."""
