"""The search itself: ask, run, tell, with no barrier between trials and nothing lost when it is broken off."""

import logging
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from bitjaru.errors import ConfigError, DiskError
from bitjaru.sweep.execution.executors import Executor
from bitjaru.sweep.execution.failures import DISK, NODE, TIMEOUT, Failure, TrialFailed, from_exception
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.platform import Watcher
from bitjaru.sweep.execution.worker import saved_result
from bitjaru.sweep.failure_limits import Limits
from bitjaru.sweep.outcomes import tell
from bitjaru.sweep.space.composition_cache import Composed
from bitjaru.sweep.space.custom import Custom
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.storage import single_writer
from bitjaru.sweep.study import study as studies

TICK_SECONDS = 1.0
MOST_LOST = 5  # nodes under one trial
log = logging.getLogger(__name__)


Compose = Callable[[Sequence[str], int], Composed]


@dataclass
class _Running:
    trial: optuna.Trial
    job: Job
    future: "Future[Result]"
    began: float
    progressed: bool = False
    timed_out: bool = False


@dataclass
class Loop:
    """Runs a study until it holds `n_trials` finished trials. Fits `bitjaru.sweep.execution.executors.Sink`.

    One process asks and tells, so the same seed and one worker give the same trials; whoever runs them only reports.
    """

    study: optuna.Study
    space: Space
    limits: Limits
    n_trials: int
    compose: Compose
    watchers: Sequence[Watcher] = ()
    objectives: tuple[str, ...] = ()
    custom: Custom | None = None
    _running: dict[int, _Running] = field(default_factory=dict)
    _again: deque[tuple[optuna.Trial, Job]] = field(default_factory=deque)
    _ended: list[Failure | None] = field(default_factory=list)
    _begun: int = 0
    _seen: dict[int, set[int]] = field(default_factory=dict)
    _lost: Counter[int] = field(default_factory=Counter)  # nodes, by the trial that ran there

    def run(self, executor: Executor) -> None:
        """Searches.

        Args:
            executor: Runs the jobs, and tells this loop what they say. Whoever made it shuts it down.

        Raises:
            HopelessError: If the trials keep failing.
            DiskError: If a trial found no room; it is taken up by the next start.
            KeyboardInterrupt: If the user broke it off; running trials stay to be taken up again.
        """
        self._recall()
        until = math.inf if self.limits.timeout is None else time.monotonic() + self.limits.timeout
        while True:
            self._fill(executor, begin=time.monotonic() < until)
            if not self._running:
                break
            executor.wait(TICK_SECONDS)
            self._collect()
            self._end_hung(executor)
        self.limits.check(self._ended, left=self.n_trials - self._begun)

    def report(self, number: int, epoch: int, value: float) -> bool:
        """Takes a trial's objective after an epoch; returns True when it should stop as pruned."""
        running = self._running[number]
        running.progressed = True
        for watcher in self.watchers:
            watcher.reported(number, epoch, value)
        if len(self.study.directions) > 1:
            return False
        seen = self._seen.setdefault(number, set())
        if epoch not in seen:
            # An attempt that was broken off may have told this epoch already; Optuna keeps the first value.
            seen.add(epoch)
            running.trial.report(value, epoch)
        return running.trial.should_prune()

    def remember(self, number: int, name: str, value: Any) -> None:
        """Keeps a value with a trial."""
        trial = self._running[number].trial
        trial.set_user_attr(studies.NOTES, {**trial.user_attrs.get(studies.NOTES, {}), name: value})

    def _recall(self) -> None:
        trials = self.study.get_trials(deepcopy=False)
        self._begun = sum(trial.state != TrialState.WAITING for trial in trials)
        for frozen in studies.unfinished(self.study):
            self._seen[frozen.number] = set(frozen.intermediate_values)
            self._prepare(studies.take_up(self.study, frozen), resume=True)

    def _fill(self, executor: Executor, *, begin: bool) -> None:
        while len(self._running) < executor.capacity:
            if not self._again:
                if not begin or self._begun >= self.n_trials:
                    return
                self._begun += 1
                self._prepare(self.study.ask(), resume=False)
            while self._again and len(self._running) < executor.capacity:
                self._start(executor, *self._again.popleft())

    def _prepare(self, trial: optuna.Trial, *, resume: bool) -> None:
        drawn = self.space.suggest(trial)
        job = Job(
            number=trial.number,
            overrides=self.space.overrides(drawn),
            config=None,
            choices={},
            folder=Path(),
            attempt=trial.user_attrs.get(studies.ATTEMPTS, 0),
            resume=resume,
            notes=trial.user_attrs.get(studies.NOTES, {}),
            objectives=self.objectives,
        )
        try:
            if self.custom is not None:
                added = self.custom.overrides(trial, drawn, job.overrides)
                job = replace(job, overrides=(*job.overrides, *added))
            if trial.user_attrs.get(studies.OVERRIDES) != list(job.overrides):
                trial.set_user_attr(studies.OVERRIDES, list(job.overrides))
            composed = self.compose(job.overrides, trial.number)
        except ConfigError as error:
            self._tell(trial, job, from_exception(error), 0.0)
            return
        job = replace(
            job, config=composed.config, choices=composed.choices, folder=composed.folder, packed=composed.packed
        )
        self._again.append((trial, job))

    def _start(self, executor: Executor, trial: optuna.Trial, job: Job) -> None:
        if job.resume and (result := saved_result(job.folder)) is not None:
            self._tell(trial, job, result, 0.0)
            return
        single_writer.write_down(self.study._storage)
        self._running[job.number] = _Running(trial, job, executor.submit(job), time.monotonic())
        for watcher in self.watchers:
            watcher.started(job)

    def _collect(self) -> None:
        for running in [running for running in self._running.values() if running.future.done()]:
            del self._running[running.job.number]
            self._settle(running)

    def _settle(self, running: _Running) -> None:
        try:
            outcome: Result | Failure = running.future.result()
        except TrialFailed as failed:
            outcome = failed.failure
        seconds = time.monotonic() - running.began
        if isinstance(outcome, Failure) and running.timed_out:
            outcome = Failure(TIMEOUT, f"The trial took longer than {self.limits.trial_timeout} s.")
        if isinstance(outcome, Failure) and outcome.reason == DISK:
            # The trial has no part in it, and the next one would meet the same: all of them wait in the study.
            raise DiskError(
                f"There must be room on the disk. Received: {outcome.message} in trial {running.job.number}, in "
                f"{running.job.folder}. Trials that have ended are kept; make room, and run the same command."
            )
        if isinstance(outcome, Failure) and outcome.transient and self._retry(running, outcome):
            return
        self._tell(running.trial, running.job, outcome, seconds)

    def _retry(self, running: _Running, failure: Failure) -> bool:
        if failure.reason == NODE and self._lost[running.job.number] < MOST_LOST:
            # The trial had no part in it; but one that takes every node with it must end somewhere.
            self._lost[running.job.number] += 1
            log.warning("Trial %d: %s It goes on elsewhere.", running.job.number, failure.message)
            self._prepare(running.trial, resume=True)
            return True
        # An attempt that got further than the one before starts the count anew: it is moving.
        attempt = 1 if running.progressed else running.job.attempt + 1
        if attempt > self.limits.retries:
            return False
        log.warning("Trial %d: %s Trying again, attempt %d.", running.job.number, failure.message, attempt + 1)
        running.trial.set_user_attr(studies.ATTEMPTS, attempt)
        self._prepare(running.trial, resume=True)
        return True

    def _tell(self, trial: optuna.Trial, job: Job, outcome: Result | Failure, seconds: float) -> None:
        ended = tell(self.study, trial, job, outcome, seconds)
        for watcher in self.watchers:
            watcher.ended(ended)
        self._ended.append(ended.failure)
        self.limits.check(self._ended)

    def _end_hung(self, executor: Executor) -> None:
        if self.limits.trial_timeout is None:
            return
        for running in self._running.values():
            if not running.timed_out and time.monotonic() - running.began > self.limits.trial_timeout:
                running.timed_out = executor.end(running.job.number)
                # One whose worker still starts has not begun: were it ended now, in vain, it might hang for ever.
                running.began = running.began if running.timed_out else time.monotonic()
