"""A search whose trials nobody runs: what it costs the process that asks and tells, and whether workers stay busy."""

import operator
import tempfile
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from rich.console import Console

from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.failure_limits import Limits
from bitjaru.sweep.loop import Loop
from bitjaru.sweep.progress_table import Board
from bitjaru.sweep.space.composition_cache import Composed
from bitjaru.sweep.space.grammar import distribution, parse
from bitjaru.sweep.space.space import Knob, Space

KNOBS = ("x=interval(-5,5)", "y=interval(-5,5)", "z=choice(1,2,3)")


class Sleeping:
    """Fits `bitjaru.sweep.execution.executors.Executor`: workers whose trials pass by themselves."""

    def __init__(self, workers: int, seconds: float) -> None:
        self.capacity, self._seconds = workers, seconds
        self._running: list[tuple[float, Job, Future[Result]]] = []

    def submit(self, job: Job) -> "Future[Result]":
        """Lets a trial begin."""
        future: Future[Result] = Future()
        until = time.monotonic() + self._seconds * (0.9 + 0.2 * (job.number % 10) / 9)
        self._running.append((until, job, future))
        return future

    def wait(self, seconds: float) -> None:
        """Ends the trials whose time is over."""
        next_end = min((until for until, _, _ in self._running), default=time.monotonic())
        time.sleep(max(0.0, min(seconds, next_end - time.monotonic())))
        now = time.monotonic()
        for running in [each for each in self._running if each[0] <= now]:
            self._running.remove(running)
            running[2].set_result(Result((value(running[1].number),)))

    def end(self, number: int) -> bool:  # noqa: ARG002 - none of them
        """Does nothing."""
        return True

    def shutdown(self) -> None:
        """Does nothing."""


def value(number: int) -> float:
    """Returns what a trial comes to."""
    return float(number * 7919 % 1000)


def search(study: optuna.Study, trials: int, executor: Any) -> None:
    """Runs a study until it holds so many trials."""
    space = Space(tuple(_knob(line) for line in KNOBS))
    limits = Limits(max_failure_rate=1.0, identical_failures=9, retries=0, trial_timeout=None, timeout=None)
    with tempfile.TemporaryDirectory() as name, Path("/dev/null").open("w") as nowhere:
        board = Board(n_trials=trials, n_jobs=1, better=[operator.lt], finished=0, console=Console(file=nowhere))
        Loop(study, space, limits, trials, lambda _, n: Composed({}, {}, Path(name) / str(n)), [board]).run(executor)


def optimize(study: optuna.Study, trials: int) -> None:
    """Runs so many more of the same trials in bare Optuna."""

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_float("x", -5, 5), trial.suggest_float("y", -5, 5)
        trial.suggest_categorical("z", [1, 2, 3])
        return value(trial.number)

    study.optimize(objective, n_trials=trials)


def bare(storage: str) -> str | BaseStorage:
    """Opens a storage as Optuna's own examples do."""
    path = storage.removeprefix("journal:")
    return storage if path == storage else JournalStorage(JournalFileBackend(path))


def _knob(line: str) -> Knob:
    values, texts = distribution(parse(line))
    key, _, said = line.partition("=")
    return Knob(name=key, key=key, distribution=values, texts=texts, said=said)
