"""The knobs of a training: one option of `conf/trainer`. `bitjaru.training.epochs` runs what they say."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from bitjaru.options import part
from bitjaru.training.batches import Batching
from bitjaru.training.schedules import Schedule


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
        schedule: Of the learning rate.
        class_weights: Whether the classes weigh the same however rare they are.
        label_smoothing: Share of each label that is given to both classes alike (Szegedy et al. 2016).
        adversarial_epsilon: How far the embedded words are moved along the gradient of the loss, in root mean squares
            of the embedded numbers; the loss there is added (Miyato, Dai & Goodfellow 2017). 0 for not at all.
    """

    epochs: PositiveInt
    batch_size: PositiveInt
    batches: Batching
    steps_per_execution: PositiveInt
    autotune: bool
    early_stopping: EarlyStopping
    checkpoint: bool
    schedule: Schedule
    class_weights: bool
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    adversarial_epsilon: NonNegativeFloat
