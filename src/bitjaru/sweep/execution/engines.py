"""The options of `hydra/sweeper/executor`: each makes an executor once the sweep is about to begin."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import PositiveInt

from bitjaru.errors import ConfigError
from bitjaru.options import part
from bitjaru.sweep.execution.executors import Executor, Inline, Sink
from bitjaru.sweep.execution.failures import TrialFailed
from bitjaru.sweep.execution.gpus import usable
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.processes import Processes
from bitjaru.sweep.execution.program import Program, heard_by, result_of
from bitjaru.sweep.execution.worker import Task, runner_of
from bitjaru.sweep.execution.worker_process import Share


class Launcher(Protocol):
    """Hydra's launcher."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[Any]:
        """Runs jobs and waits for all of them."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What an engine may need.

    Attributes:
        runner: Import path of the code of one trial; None where the platform gives none.
        warm_up: Import path of what a worker does before its first trial; None for nothing.
        elsewhere: Import path of the same on other machines; None where that is `warm_up` too.
        program: A plain Hydra program, whose function is a trial; None where there is a platform.
        n_jobs: Trials at a time.
        lock: The study's lock, for workers to hold.
        launcher: Hydra's launcher.
    """

    runner: str | None
    warm_up: str | None
    elsewhere: str | None
    program: Program | None
    n_jobs: int
    lock: int | None
    launcher: Launcher | None


class Engine(Protocol):
    """An option of `hydra/sweeper/executor`."""

    @property
    def composes(self) -> bool:
        """Whether it composes the trials' configurations itself."""

    def start(self, surroundings: Surroundings, sink: Sink) -> Executor:
        """Makes the executor."""


@part
class WorkerProcesses:
    """Worker processes on this machine."""

    trials_per_worker: PositiveInt | None
    threads: PositiveInt | None
    gpus: tuple[int | str, ...] | None

    composes = False

    def start(self, surroundings: Surroundings, sink: Sink) -> Executor:
        """Makes the executor; workers start at once."""
        share = Share(
            workers=surroundings.n_jobs,
            trials_per_worker=self.trials_per_worker,
            threads=self.threads,
            gpus=usable() if self.gpus is None else tuple(map(str, self.gpus)),
        )
        return Processes(task_of(surroundings), sink, share, lock=surroundings.lock)


@part
class ThisProcess:
    """One trial after the other, here: to look into one with a debugger."""

    composes = False

    def start(self, surroundings: Surroundings, sink: Sink) -> Executor:
        """Makes the executor."""
        return Inline(runner_of(task_of(surroundings)), sink)


@part
class HydraLauncher:
    """Whatever `hydra/launcher` is, with the program's own task function.

    A program that the launcher runs in this process reports its epochs by `bitjaru.report`.
    """

    composes = True

    def start(self, surroundings: Surroundings, sink: Sink) -> Executor:
        """Makes the executor."""
        if surroundings.launcher is None:
            raise ConfigError("executor=launcher must run under Hydra. Received: no launcher. Use executor=processes.")
        return Launched(surroundings.launcher, surroundings.n_jobs, sink)


@dataclass
class Launched:
    """Hands trials to a Hydra launcher, as many at once as `capacity`, and waits for all of them."""

    launcher: Launcher
    capacity: int
    sink: Sink
    returns: list[Sequence[Any]] = field(default_factory=list)
    _waiting: list[tuple[Job, "Future[Result]"]] = field(default_factory=list)

    def submit(self, job: Job) -> "Future[Result]":
        """Takes a job; it runs in `wait`."""
        future: Future[Result] = Future()
        self._waiting.append((job, future))
        return future

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - a launcher cannot be left after a time
        """Launches what was submitted, neighbours in number together: a launcher counts jobs by itself."""
        while self._waiting:
            first = self._waiting[0][0].number
            batch = [one for place, one in enumerate(self._waiting) if one[0].number == first + place]
            del self._waiting[: len(batch)]
            with heard_by(self.sink.report):
                answers = self.launcher.launch([job.overrides for job, _ in batch], initial_job_idx=first)
            self.returns.append(answers)
            for (_, future), answer in zip(batch, answers, strict=True):
                _settle(future, answer)

    def end(self, number: int) -> bool:  # noqa: ARG002 - none of them
        """Does nothing: a launched job cannot be ended from here."""
        return True

    def shutdown(self) -> None:
        """Forgets jobs that were not launched."""
        self._waiting.clear()


def _settle(future: "Future[Result]", answer: Any) -> None:
    try:
        future.set_result(result_of(answer))
    except TrialFailed as failed:
        future.set_exception(failed)


def task_of(surroundings: Surroundings) -> Task:
    """Returns what workers do.

    Raises:
        ConfigError: If nobody knows the code of a trial.
    """
    if surroundings.runner is None and surroundings.program is None:
        raise ConfigError(
            "This executor must know the code of a trial. Received: hydra.sweeper.platform=null. "
            "Name a platform, or use hydra/sweeper/executor=launcher."
        )
    return Task(surroundings.runner, surroundings.warm_up, surroundings.program)
