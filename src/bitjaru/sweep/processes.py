"""Trials in worker processes on this machine: each takes the next job as soon as it is free."""

import contextlib
import itertools
import multiprocessing
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from bitjaru.errors import ConfigError
from bitjaru.sweep.executors import Sink
from bitjaru.sweep.failures import Failure, TrialFailed, from_exit
from bitjaru.sweep.jobs import Job, Result

SECONDS_TO_LEAVE = 5.0
STILLBORN = 3


def _memory_kills() -> int:
    """Returns how often the kernel ended a process for want of memory, as far as it says so."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


@dataclass(frozen=True, kw_only=True)
class Share:
    """How the machine is divided among workers.

    Attributes:
        workers: Processes at a time.
        trials_per_worker: A worker is replaced after so many trials, so that memory does not grow.
        threads: CPU threads of each; None shares the cores out evenly.
        gpus: Numbers of GPUs, handed out in turn; empty leaves the choice to TensorFlow.
    """

    workers: int
    trials_per_worker: int
    threads: int | None = None
    gpus: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.workers < 1 or self.trials_per_worker < 1:
            raise ConfigError(
                "`hydra.sweeper.n_jobs` and `trials_per_worker` must be at least 1. "
                f"Received: {self.workers} and {self.trials_per_worker}."
            )


@dataclass
class _Worker:
    process: "subprocess.Popen[bytes]"
    pipe: "Connection[Any, Any]"
    ready: bool = False
    done: int = 0
    job: Job | None = None
    future: "Future[Result] | None" = None
    kills_before: int = field(default_factory=_memory_kills)

    @property
    def free(self) -> bool:
        return self.ready and self.job is None


class Processes:
    """Fits `bitjaru.sweep.executors.Executor`."""

    def __init__(self, runner: str, sink: Sink, share: "Share", *, lock: int | None = None) -> None:
        """Starts nothing yet.

        Args:
            runner: `package.module:function`, a `bitjaru.sweep.jobs.Runner`.
            sink: Hears what trials say.
            share: How the machine is divided.
            lock: A file descriptor that each worker holds for as long as it lives.
        """
        self._runner, self._sink, self._share, self._lock = runner, sink, share, lock
        self._gpus = itertools.cycle(share.gpus or (None,))
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[Job, Future[Result]]] = deque()
        self._leaving: list[tuple[subprocess.Popen[bytes], float]] = []
        self._stillborn = 0

    @property
    def capacity(self) -> int:
        """The number of workers."""
        return self._share.workers

    def submit(self, job: Job) -> "Future[Result]":
        """Hands a job to a free worker, or starts one."""
        future: Future[Result] = Future()
        self._waiting.append((job, future))
        self._hand_out()
        return future

    def wait(self, seconds: float) -> None:
        """Answers what workers say; returns as soon as one has said something."""
        listening = {worker.pipe: worker for worker in self._workers}
        for pipe in wait_for(list(listening), seconds) if listening else ():
            self._hear(listening[pipe])  # type: ignore[index]
        self._leaving = [(process, until) for process, until in self._leaving if not _gone(process, until)]
        self._hand_out()

    def end(self, number: int) -> None:
        """Kills the worker that runs a trial."""
        for worker in self._workers:
            if worker.job is not None and worker.job.number == number:
                worker.process.kill()

    def shutdown(self) -> None:
        """Ends every worker; busy ones by force, for their trials can be taken up again."""
        for worker in self._workers:
            if worker.job is not None:
                worker.process.kill()
            self._leave(worker)
        for process, _ in self._leaving:
            _reap(process)
        self._workers.clear()
        self._waiting.clear()
        self._leaving.clear()

    def _hand_out(self) -> None:
        for worker in [worker for worker in self._workers if worker.free]:
            if not self._waiting:
                break
            self._give(worker, *self._waiting.popleft())
        starting = sum(not worker.ready for worker in self._workers)
        for _ in range(min(len(self._waiting) - starting, self._share.workers - len(self._workers))):
            self._workers.append(self._start())

    def _give(self, worker: _Worker, job: Job, future: "Future[Result]") -> None:
        try:
            worker.pipe.send(job)
        except OSError:
            # It died while it was idle: the job was not touched.
            self._waiting.appendleft((job, future))
            self._drop(worker)
            return
        worker.job, worker.future = job, future

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        inherited = [theirs.fileno(), *([] if self._lock is None else [self._lock])]
        command = [sys.executable, "-m", "bitjaru.sweep.worker", *(str(number) for number in (*inherited, -1)[:2])]
        process = subprocess.Popen(command, env=self._environment(), pass_fds=inherited, stdin=subprocess.DEVNULL)
        theirs.close()
        with contextlib.suppress(OSError):  # One that is dead already is mourned when its pipe is heard.
            ours.send((os.getpid(), self._runner, sys.path))
        return _Worker(process, ours)

    def _environment(self) -> Mapping[str, str]:
        threads = str(self._share.threads or max(1, cores() // self._share.workers))
        names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS")
        shares = dict.fromkeys(names, threads) | {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")}
        number = next(self._gpus)
        gpu = {} if number is None else {"CUDA_VISIBLE_DEVICES": str(number)}
        package = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        return {**os.environ, **shares, **gpu, "PYTHONPATH": path}

    def _hear(self, worker: _Worker) -> None:
        try:
            match worker.pipe.recv():
                case ("ready",):
                    worker.ready, self._stillborn = True, 0
                case ("broken", str(reason)):
                    raise ConfigError(reason)
                case ("report", int(epoch), float(value)) if worker.job:
                    worker.pipe.send(self._sink.report(worker.job.number, epoch, value))
                case ("remember", str(name), value) if worker.job:
                    self._sink.remember(worker.job.number, name, value)
                case ("result", Result() as result):
                    self._settle(worker, result)
                case ("failure", Failure() as failure):
                    self._settle(worker, failure)
        except (EOFError, OSError):
            self._mourn(worker)

    def _settle(self, worker: _Worker, outcome: Result | Failure) -> None:
        future, worker.job, worker.future = worker.future, None, None
        worker.done += 1
        # After a failure the process may be left in any state: a fresh one costs seconds, a wrong value a search.
        if isinstance(outcome, Failure) or worker.done >= self._share.trials_per_worker:
            self._drop(worker)
        if future is not None and isinstance(outcome, Failure):
            future.set_exception(TrialFailed(outcome))
        elif future is not None and isinstance(outcome, Result):
            future.set_result(outcome)

    def _mourn(self, worker: _Worker) -> None:
        self._drop(worker)
        code = worker.process.wait()
        if not worker.ready:
            self._stillborn += 1
            if code >= 0 or self._stillborn >= STILLBORN:
                raise ConfigError(f"A worker must be able to start. Received: exit code {code}; see its error above.")
        if worker.future is not None:
            out_of_memory = code == -9 and _memory_kills() > worker.kills_before
            worker.future.set_exception(TrialFailed(from_exit(code, out_of_memory=out_of_memory)))

    def _drop(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._leave(worker)

    def _leave(self, worker: _Worker) -> None:
        # A worker leaves by itself once its pipe is closed; nobody waits for it meanwhile.
        worker.pipe.close()
        self._leaving.append((worker.process, time.monotonic() + SECONDS_TO_LEAVE))


def cores() -> int:
    """Returns how many CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gone(process: "subprocess.Popen[bytes]", until: float) -> bool:
    if process.poll() is None and time.monotonic() > until:
        process.kill()
    return process.poll() is not None


def _reap(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(SECONDS_TO_LEAVE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
