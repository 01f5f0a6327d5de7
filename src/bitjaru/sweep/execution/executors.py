"""Where trials run. An engine of the `concurrent.futures` kind; a cluster's goes behind the same interface."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from bitjaru.sweep.execution.failures import TrialFailed, from_exception
from bitjaru.sweep.execution.jobs import Job, Result, Runner


class Sink(Protocol):
    """The sweep's end of the line to its trials. Called from `Executor.wait`, never from another thread."""

    def report(self, number: int, epoch: int, value: float) -> bool:
        """Takes a trial's objective after an epoch; returns True when it should stop as pruned."""

    def remember(self, number: int, name: str, value: Any) -> None:
        """Keeps a value with a trial."""


class Executor(Protocol):
    """Runs jobs somewhere.

    A future ends with a `Result`, or with `TrialFailed`. Cancelling one that has begun ends its job by force.
    """

    @property
    def capacity(self) -> int:
        """How many jobs it takes at a time."""

    def submit(self, job: Job) -> "Future[Result]":
        """Takes a job; it may start at once."""

    def wait(self, seconds: float) -> None:
        """Works until something happened or the time is over, passing on what trials say."""

    def end(self, number: int) -> bool:
        """Ends a running job by force; its future fails with reason `killed`.

        Returns:
            Whether it runs; False for one that waits for a worker which is still starting.
        """

    def shutdown(self) -> None:
        """Ends every job that still runs."""


class _Line:
    def __init__(self, number: int, sink: Sink) -> None:
        self._number, self._sink = number, sink

    def report(self, epoch: int, value: float) -> bool:
        return self._sink.report(self._number, epoch, value)

    def remember(self, name: str, value: Any) -> None:
        self._sink.remember(self._number, name, value)


class Inline:
    """Runs one job at a time in this process. A hung or crashing trial takes the sweep with it."""

    capacity = 1

    def __init__(self, runner: Runner, sink: Sink) -> None:
        self._runner, self._sink = runner, sink
        self._waiting: list[tuple[Job, Future[Result]]] = []

    def submit(self, job: Job) -> "Future[Result]":
        """Takes a job; it runs in `wait`."""
        future: Future[Result] = Future()
        self._waiting.append((job, future))
        return future

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - a job in this process cannot be left after a time
        """Runs the jobs that wait."""
        while self._waiting:
            job, future = self._waiting.pop(0)
            run(job, self._runner, _Line(job.number, self._sink), future)

    def end(self, number: int) -> bool:  # noqa: ARG002 - there is one
        """Does nothing: a job in this process cannot be ended from outside."""
        return True

    def shutdown(self) -> None:
        """Forgets jobs that have not begun."""
        self._waiting.clear()


def run(job: Job, runner: Callable[..., Result], line: Any, future: "Future[Result]") -> None:
    """Runs a job here and settles its future; whatever the trial raises becomes a `TrialFailed`."""
    try:
        future.set_result(runner(job, line))
    except TrialFailed as failed:
        future.set_exception(failed)
    except Exception as error:
        future.set_exception(TrialFailed(from_exception(error)))
