"""What a sweep asks of the system whose trials it runs, and what that and others hear of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import optuna

from bitjaru.sweep.execution.failures import Failure
from bitjaru.sweep.execution.jobs import Job
from bitjaru.tasks import Direction

Config = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a trial ended.

    Attributes:
        job: What was run, in its last attempt.
        state: COMPLETE, PRUNED or FAIL.
        values: One an objective; empty for a failure.
        failure: Why it failed; None where it did not.
        notes: What its attempts remembered, for example the tracked run's id.
        seconds: Of the last attempt.
    """

    job: Job
    state: str
    values: tuple[float, ...]
    failure: Failure | None
    notes: Mapping[str, Any]
    seconds: float


class Watcher(Protocol):
    """Hears how the search goes: the live table, the tracking."""

    def started(self, job: Job) -> None:
        """A trial, or another attempt of one, begins."""

    def reported(self, number: int, epoch: int, value: float) -> None:
        """A trial told its objective after an epoch."""

    def ended(self, ended: Ended) -> None:
        """A trial ended for good."""


class Platform(Watcher, Protocol):
    """Made once in the sweep's own process, by a call without arguments; named by `hydra.sweeper.platform`.

    As a `Watcher` it hears of every start, epoch and end, and keeps the tracked runs in step. Workers do not see
    it: they import `runner`. Configurations are plain and resolved.
    """

    @property
    def runner(self) -> str:
        """`package.module:function`, a `bitjaru.sweep.execution.jobs.Runner`: what a worker calls for each trial."""

    @property
    def warm_up(self) -> str | None:
        """`package.module:function` without arguments, which a worker calls before it takes its first trial.

        It imports what every trial needs, while the sweep prepares. None: nothing takes long.
        """

    @property
    def elsewhere(self) -> str | None:
        """The same for a worker on another machine, which has neither this one's files nor its store."""

    def directions(self, config: Config) -> tuple[Direction, ...]:
        """Returns the task's own direction; asked where `hydra.sweeper.direction` is null."""

    def data(self, config: Config) -> str | None:
        """Returns the sha256 of the data; None where it is not known yet."""

    def code(self) -> str | None:
        """Returns the version of the code, for example the git commit and whether the tree was dirty."""

    def begin(self, study: optuna.Study, folder: Path) -> None:
        """Makes or takes up the sweep's own tracked run; keep its id with `study.set_user_attr`. Always called."""

    def broken_off(self, error: BaseException) -> None:
        """Hears, instead of `finish`, of what ended the sweep too early; the same command may `begin` it again.

        Args:
            error: Is raised again afterwards; a `KeyboardInterrupt` where the user broke it off.
        """

    def prepared(self, configs: Sequence[Config], folder: Path) -> AbstractContextManager[None]:
        """Prepares what trials share, once, before the first of them; it may go when the last has ended.

        Not called when no trial is left to run.

        Args:
            configs: One for each option that is searched and has knobs of its own.
            folder: Of the search; those of its trials are in it.
        """

    def seconds_per_trial(self, config: Config) -> float | None:
        """Estimates from a few measured steps how long a trial takes; None where it cannot."""

    def finish(self, study: optuna.Study, folder: Path) -> None:
        """Hears that every trial has ended; plots, tables and the best parameters lie in `folder`."""


@contextmanager
def told_of_errors(platform: Platform | None) -> Iterator[None]:
    """Tells the platform of an error that leaves the block, whatever it is: nobody else ends the sweep's own run."""
    try:
        yield
    except BaseException as error:
        if platform is not None:
            platform.broken_off(error)
        raise
