"""The epochs of one training: batches in, metrics out, the best weights kept."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from bitjaru.data.examples import Examples
from bitjaru.data.reviews import Splits
from bitjaru.errors import ConfigError, Stop, TrainingError
from bitjaru.tasks import Task
from bitjaru.terminal import progress
from bitjaru.training import Listener
from bitjaru.training.checkpoint import Checkpoint
from bitjaru.training.evaluation import rows_at_once
from bitjaru.training.fit import Fit
from bitjaru.training.input_pipeline import EVALUATION_BATCH, Batches
from bitjaru.training.step import Step
from bitjaru.training.trainer import Trainer

LOOK_EVERY = 50  # batches between two looks at the loss: each look waits for the device


class Training:
    """One training of a model in place, from its first epoch or from its checkpoint.

    The rows are shuffled anew every epoch, by `seed` and the epoch's number: a run that goes on from a checkpoint sees
    the batches that it would have seen.

    Args:
        trainer: How.
        model: Compiled.
        examples: The test part is not looked at.
        task: Names the objective.
        seed: Of the shuffling.
        folder: Of the run; checkpoints are kept there.

    Raises:
        ConfigError: If early stopping has no validation part to watch.
    """

    def __init__(
        self, trainer: Trainer, model: keras.Model, examples: Splits[Examples], task: Task, seed: int, folder: Path
    ) -> None:
        if examples.valid is None and trainer.early_stopping.patience is not None:
            raise ConfigError(
                "`trainer.early_stopping.patience` needs a validation part. Received: "
                f"patience={trainer.early_stopping.patience} and no validation part. Set it to null, or "
                "`dataset.validation.fraction` above 0."
            )
        self._fit = Fit()
        self._trainer, self._model, self._seed = trainer, model, seed
        self._begun: Callable[[], None] | None = None
        self._monitor, self._sign = _monitored(trainer.early_stopping.monitor, task)
        trim = model.input_shape[1] is None  # a model for any length was built for batches that are cut
        self._train = Batches(examples.train, trim=trim, autotune=trainer.autotune)
        self._valid = None if examples.valid is None else self._for_evaluation(examples.valid, trim=trim)
        self._weight = _class_weight(examples.train) if trainer.class_weights else None
        self._best_weights: list[Any] | None = None
        self._checkpoint = Checkpoint(folder / "checkpoint") if trainer.checkpoint else None
        model.steps_per_execution = trainer.steps_per_execution
        trainer.schedule.plan(model.optimizer, trainer.epochs * math.ceil(len(examples.train) / trainer.batch_size))
        if trainer.label_smoothing or trainer.adversarial_epsilon:
            model.train_step = Step(
                model,
                label_smoothing=trainer.label_smoothing,
                adversarial_epsilon=trainer.adversarial_epsilon,
            )

    def _for_evaluation(self, examples: Examples, *, trim: bool) -> Any:
        rows = rows_at_once(self._model, EVALUATION_BATCH, length=examples.inputs.shape[1])
        return Batches(examples, trim=trim, autotune=self._trainer.autotune).plain(rows)

    def run(self, listeners: Sequence[Listener], *, begun: Callable[[], None] | None = None) -> Fit:
        """Runs the epochs that are left. Ctrl-C and a listener's `Stop` end them and keep what was learned.

        Args:
            listeners: Hear of every epoch, in this order.
            begun: Is called once, after the first step: until then Python builds the graph, from then on TensorFlow
                computes and leaves Python time for something else.

        Raises:
            TrainingError: If the loss is not a number.
        """
        self._begun = begun
        self._restore()
        try:
            self._run(listeners)
        except Stop as stop:
            self._fit.stopped = stop.reason
        except KeyboardInterrupt:
            self._fit.stopped = "interrupted"
        self._keep_best()
        return self._fit

    def _run(self, listeners: Sequence[Listener]) -> None:
        while self._fit.epochs < self._trainer.epochs and not self._out_of_patience():
            epoch = self._fit.epochs + 1
            metrics = self._epoch(epoch)
            for name, value in metrics.items():
                self._fit.history.setdefault(name, []).append(value)
            self._remember()
            if self._checkpoint is not None:
                self._checkpoint.write(self._model, self._best_weights, self._fit.history)
            for listener in listeners:
                listener(epoch, metrics)

    def _keep_best(self) -> None:
        """Gives the model the weights of its best epoch, where the trainer wants that."""
        last = self._fit.epochs or None
        self._fit.best_epoch = self._best_epoch() if len(self._watched()) else last
        self._fit.kept_epoch = last
        if self._best_weights is None:
            return
        self._model.set_weights(self._best_weights)
        self._fit.kept_epoch = self._fit.best_epoch

    def _epoch(self, epoch: int) -> dict[str, float]:
        started = time.perf_counter()
        trainer = self._trainer
        batches = self._train.epoch(trainer.batches, trainer.batch_size, seed=self._seed, epoch=epoch)
        with progress(f"Epoch {epoch}/{trainer.epochs}", len(batches)) as advance:
            logs = self._model.fit(
                batches,
                initial_epoch=epoch - 1,
                epochs=epoch,
                validation_data=self._valid,
                class_weight=self._weight,
                callbacks=[_Watch(epoch, advance, self._begin)],
                shuffle=False,  # the batches come shuffled
                verbose=0,
            ).history
        metrics = {_our_name(name): float(values[0]) for name, values in logs.items()}
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise _not_a_number(name, value, epoch)
        return {**metrics, "seconds": time.perf_counter() - started}

    def _begin(self) -> None:
        begun, self._begun = self._begun, None
        if begun is not None:
            begun()

    def _watched(self) -> np.ndarray[Any, Any]:
        return self._sign * np.array(self._fit.history.get(self._monitor, []))

    def _best_epoch(self) -> int:
        """The first of equally good epochs: it has overfitted least."""
        return int(np.argmax(self._watched())) + 1

    def _out_of_patience(self) -> bool:
        patience = self._trainer.early_stopping.patience
        return patience is not None and self._fit.epochs > 0 and self._fit.epochs - self._best_epoch() >= patience

    def _remember(self) -> None:
        wanted = self._trainer.early_stopping.restore_best and self._valid is not None
        if wanted and self._best_epoch() == self._fit.epochs:
            self._best_weights = self._model.get_weights()

    def _restore(self) -> None:
        state = None if self._checkpoint is None else self._checkpoint.restore(self._model)
        if state is not None:
            self._best_weights, self._fit.history = state.best_weights, state.history


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]
    """Within an epoch: tells of its first step, moves the progress bar, ends a training whose loss is not a number."""

    def __init__(self, epoch: int, advance: Callable[[int], None], begin: Callable[[], None]) -> None:
        super().__init__()
        self._epoch, self._advance, self._begin, self._seen, self._next_look = epoch, advance, begin, 0, 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if not self._seen:
            self._begin()
        self._advance(batch + 1 - self._seen)
        self._seen = batch + 1
        # With several steps an execution, only the last batch of each is heard of.
        if batch < self._next_look or not logs:
            return
        self._next_look = batch + LOOK_EVERY
        if not math.isfinite(loss := float(logs["loss"])):
            raise _not_a_number("train_loss", loss, self._epoch)


def _not_a_number(name: str, value: float, epoch: int) -> TrainingError:
    return TrainingError(
        f"`{name}` must stay a finite number. Received: {value} in epoch {epoch}. "
        "Lower `optimizer.learning_rate`, or set `optimizer.clipnorm`."
    )


def _our_name(name: str) -> str:
    """Turns Keras's `val_loss` into `valid_loss` and `loss` into `train_loss`."""
    return f"valid_{name.removeprefix('val_')}" if name.startswith("val_") else f"train_{name}"


def _monitored(monitor: str, task: Task) -> tuple[str, int]:
    """Returns the watched metric, and the sign that makes higher better."""
    if monitor == "loss":
        return "valid_loss", -1
    return f"valid_{task.objective}", 1 if task.direction == "maximize" else -1


def _class_weight(train: Examples) -> dict[int, float]:
    classes, counts = np.unique(train.targets, return_counts=True)
    return {int(label): len(train) / (len(classes) * count) for label, count in zip(classes, counts, strict=True)}
