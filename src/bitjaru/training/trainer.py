"""Training: what a trainer's knobs mean. The epochs themselves are run by `bitjaru.training.epochs`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal

from pydantic import PositiveInt

from bitjaru.data.examples import Examples
from bitjaru.data.reviews import Splits
from bitjaru.errors import ConfigError, Stop
from bitjaru.options import part
from bitjaru.tasks import Task
from bitjaru.training import Listener
from bitjaru.training.batches import Batching

if TYPE_CHECKING:
    import keras


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


@dataclass
class Fit:
    """What a training did.

    Attributes:
        history: Lists over epochs: `train_loss`, `valid_accuracy`, …, and `seconds`.
        best_epoch: From 1; the epoch whose weights the model has now. None before the first epoch ended.
        stopped: Why it was ended from outside (`pruned`, `interrupted`); None if it was not.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int | None = None
    stopped: str | None = None

    @property
    def epochs(self) -> int:
        """How many epochs ended."""
        return len(self.history.get("seconds", ()))

    @property
    def epoch_seconds(self) -> float | None:
        """Median seconds of an epoch."""
        return median(self.history["seconds"]) if self.epochs else None


@part
class Trainer:
    """Trains a compiled model.

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

    def fit(
        self,
        model: "keras.Model",
        examples: Splits[Examples],
        task: Task,
        *,
        seed: int,
        folder: Path,
        listeners: Sequence[Listener],
        begun: Callable[[], None] | None = None,
    ) -> Fit:
        """Trains `model` in place.

        The rows are shuffled anew every epoch, by `seed` and the epoch's number: a run that goes on from a
        checkpoint sees the batches that it would have seen. Ctrl-C and a listener's `Stop` end the training
        and keep what was learned.

        Args:
            model: Compiled.
            examples: The test part is not looked at.
            task: Names the objective.
            seed: Of the shuffling.
            folder: Of the run; checkpoints are kept there.
            listeners: Hear of every epoch, in this order.
            begun: Is called once, after the first step: until then Python builds the graph, from then on TensorFlow
                computes and leaves Python time for something else.

        Raises:
            TrainingError: If the loss is not a number.
            ConfigError: If early stopping has no validation part to watch.
        """
        from bitjaru.training.epochs import Fitting

        if examples.valid is None and self.early_stopping.patience is not None:
            raise ConfigError(
                "`trainer.early_stopping.patience` needs a validation part. Received: "
                f"patience={self.early_stopping.patience} and no validation part. Set it to null, or "
                "`dataset.validation.fraction` above 0."
            )
        fitting = Fitting(self, model, examples, task, seed, folder)
        try:
            fitting.run(listeners, begun=begun)
        except Stop as stop:
            fitting.fit.stopped = stop.reason
        except KeyboardInterrupt:
            fitting.fit.stopped = "interrupted"
        fitting.keep_best()
        return fitting.fit
