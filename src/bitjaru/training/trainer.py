"""The knobs of a training: one option of `conf/trainer`. `bitjaru.training.epochs` runs what they say."""

from typing import Literal

from pydantic import PositiveInt

from bitjaru.options import part
from bitjaru.training.batches import Batching


@part
class EarlyStopping:
    """When more epochs are not worth their time.

    Attributes:
        monitor: What is watched on the validation part: the task's `objective`, or the `loss`.
        patience: Epochs without a better value before training ends; None for never.
        restore_best: Whether the weights of the best epoch are kept instead of the last ones.
    """

    monitor: Literal["objective", "loss"]
    patience: PositiveInt | None
    restore_best: bool


@part
class Trainer:
    """How a compiled model is trained.

    Attributes:
        epochs: At most.
        batch_size: B.
        batches: Which examples share a batch, and whether batches are cut to their longest example.
        steps_per_execution: Steps that TensorFlow takes before Python hears of them.
        autotune: Whether TensorFlow tunes what makes the batches.
        early_stopping: When to end before that, and whose weights to keep.
        checkpoint: Whether the whole state is written after every epoch, so that a crashed run can go on.
        class_weights: Whether the classes weigh the same however rare they are.
    """

    epochs: PositiveInt
    batch_size: PositiveInt
    batches: Batching
    steps_per_execution: PositiveInt
    autotune: bool
    early_stopping: EarlyStopping
    checkpoint: bool
    class_weights: bool
