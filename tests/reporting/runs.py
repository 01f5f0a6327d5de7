"""Runs as the tests of this folder need them, and the goals of their tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bitjaru.outcome import Outcome
from bitjaru.tasks import Direction


@dataclass(frozen=True)
class Aim:
    """What a comparison reads of a task."""

    objective: str
    direction: Direction


TASKS = {"sentiment": Aim("accuracy", "maximize"), "next_word": Aim("loss", "minimize")}
ROWS = {"train": 103_502, "valid": 25_876, "test": 43_146}
FAILED = "`kernel_size` must be at most the 3 tokens that are left. Received: kernel_size=5. Set max_len=5 or more."


def run(
    architecture: str = "lstm",
    *overrides: str,
    number: int | None = 0,
    objective: float | None = 0.8542,
    task: str = "sentiment",
    dataset: str = "nsmc",
    metrics: Mapping[str, float] | None = None,
    history: Mapping[str, Sequence[float]] | None = None,
) -> Outcome:
    """Returns a finished run of three epochs."""
    return Outcome(
        status="FINISHED",
        reason=None,
        number=number,
        choices={"architecture": architecture, "task": task, "dataset": dataset},
        overrides=[f"architecture={architecture}", *overrides],
        seed=1,
        data_sha256="ab" * 32,
        rows=ROWS,
        weights=4_611_713,
        history={"train_loss": [0.5, 0.4, 0.3]} if history is None else history,
        best_epoch=2,
        objective=objective,
        metrics={"test_accuracy": 0.8511, "test_loss": 0.35} if metrics is None else metrics,
        epoch_seconds=7.2,
        seconds=45.3,
        run_id="0123456789abcdef",
    )


def killed(number: int, architecture: str, *overrides: str, reason: str = "pruned") -> Outcome:
    """Returns a run that was ended after one epoch."""
    outcome = run(
        architecture, *overrides, number=number, objective=0.79, metrics={}, history={"valid_accuracy": [0.79]}
    )
    return replace(outcome, status="KILLED", reason=reason, best_epoch=1)


def failed(number: int, *overrides: str, reason: str = FAILED) -> Outcome:
    """Returns a run of which nothing is known but that it failed."""
    return Outcome.failed(number=number, overrides=overrides, reason=reason)


def grid() -> list[Outcome]:
    """Returns a grid in which one run ties with the best, one was pruned and one failed."""
    knobs = ["max_len=40", "architecture.units=128", "optimizer.learning_rate=0.00123456789", "seed=1"]
    return [
        replace(run("lstm", *knobs), seconds=3_725),
        run("gru", "max_len=40", "architecture.units=64", "seed=1", number=1, objective=0.8539),
        run("simplernn", "max_len=60", "architecture.units=64", "seed=1", number=2, objective=0.8211),
        failed(3, "architecture=cnn_lstm", "max_len=3", "seed=1"),
        killed(4, "bilstm", "max_len=40", "seed=1"),
    ]
