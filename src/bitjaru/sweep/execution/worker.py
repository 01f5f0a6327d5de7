"""The process that runs trials: `python -m bitjaru.sweep.execution.worker PIPE LOCK`. Nothing heavy is imported."""

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bitjaru.errors import ConfigError
from bitjaru.files import sealed, unsealed, write_text
from bitjaru.sweep.execution.failures import Failure, TrialFailed, from_exception
from bitjaru.sweep.execution.jobs import Job, Reporter, Result
from bitjaru.sweep.execution.program import Program, runner

RESULT = "result.json"
LOG = "worker.log"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Task:
    """What a worker does.

    Attributes:
        runner: `package.module:function`, a `Runner`: called for each trial; None for those of a program.
        warm_up: `package.module:function` without arguments, called before the first trial; None for nothing.
        program: Whose task function is called for each trial; None where there is a runner.
    """

    runner: str | None
    warm_up: str | None = None
    program: Program | None = None


def load(path: str) -> Callable[..., Any]:
    """Imports `package.module:name`.

    Raises:
        ConfigError: If there is no such thing.
    """
    module, _, name = path.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"A path must be `package.module:name` and exist. Received: {path} ({error}).") from error
    return found


def runner_of(task: Task) -> Callable[..., Result]:
    """Imports what runs a trial.

    Raises:
        ConfigError: If there is no such thing.
    """
    if task.program is None:
        return load(str(task.runner))
    return runner(task.program)


def saved_result(folder: Path) -> Result | None:
    """Returns the result of a trial that ended after its sweep was gone."""
    try:
        saved = unsealed(json.loads((folder / RESULT).read_text(encoding="utf-8")))
        return Result(tuple(saved["values"]), saved["pruned"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


class PipeReporter:
    """Fits `bitjaru.sweep.execution.jobs.Reporter`, over a pipe."""

    def __init__(self, pipe: "Connection[Any, Any]") -> None:
        self._pipe = pipe

    def report(self, epoch: int, value: float) -> bool:
        """Sends the value and waits for the answer."""
        self._pipe.send(("report", epoch, float(value)))
        return bool(self._pipe.recv())

    def remember(self, name: str, value: Any) -> None:
        """Sends the value."""
        self._pipe.send(("remember", name, value))


def main(pipe_number: int, lock_number: int) -> None:
    """Takes jobs from the pipe until the parent closes it."""
    if lock_number >= 0:
        # Only this process may hold the study's lock: a JVM that a trial starts must not keep it.
        os.set_inheritable(lock_number, False)
    os.set_inheritable(pipe_number, False)
    with contextlib.suppress(EOFError, ConnectionError):  # The parent is gone, in a word or without one.
        _serve(Connection(pipe_number))


def _serve(pipe: "Connection[Any, Any]") -> None:
    parent, task, paths = pipe.recv()
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[:] = paths
    try:
        if task.program is not None:
            task.program.enter()
        run = runner_of(task)
        warm_up = None if task.warm_up is None else load(task.warm_up)
    except ConfigError as error:
        pipe.send(("broken", str(error)))
        return
    if warm_up is not None:
        warm_up()
    pipe.send(("ready",))
    while True:
        pipe.send(settle(pipe.recv(), run, PipeReporter(pipe)))


def settle(job: Job, run: Callable[..., Result], reporter: Reporter) -> tuple[Any, ...]:
    """Runs a trial with its output in its own folder; returns what it came to, and keeps that there too."""
    job.folder.mkdir(parents=True, exist_ok=True)
    with _logging_to(job.folder / LOG):
        try:
            result = run(job, reporter)
            kept = sealed({"values": list(result.values), "pruned": result.pruned})
            write_text(job.folder / RESULT, json.dumps(kept))
        except Exception as error:
            failure = error.failure if isinstance(error, TrialFailed) else from_exception(error)
            sys.stderr.write(failure.detail)
            return ("failure", Failure(failure.reason, failure.message, failure.detail))
    return ("result", result)


@contextlib.contextmanager
def _logging_to(path: Path) -> Any:
    """Sends everything that is written to the terminal, by C++ libraries too, to the trial's own file."""
    with path.open("ab") as file:
        kept = [os.dup(1), os.dup(2)]
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, descriptor in enumerate(kept, start=1):
                os.dup2(descriptor, number)
                os.close(descriptor)


def _die_with(parent: int) -> None:
    """Ends this process when its parent is gone, even killed: nobody else may write to a trial's folder then."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(1.0)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
