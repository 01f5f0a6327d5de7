"""One worker as its sweep sees it: a process, a pipe, and the trial that it runs."""

import contextlib
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import bitjaru
from bitjaru.errors import ConfigError
from bitjaru.sweep.execution import gpus
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.lifetime import Lifetime, memory_of
from bitjaru.sweep.execution.worker import Task

SECONDS_TO_LEAVE = 5.0
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS")


def memory_kills() -> int:
    """Returns how often the kernel ended a process for want of memory, as far as it says so."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def cores() -> int:
    """Returns how many CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, kw_only=True)
class Share:
    """How the machine is divided among workers.

    Attributes:
        workers: Processes at a time.
        trials_per_worker: A worker is replaced after so many trials, so that memory does not grow; None: once it has.
        threads: CPU threads of each; None shares the cores out evenly.
        gpus: Names of GPUs. A worker sees the one that the fewest others have; empty leaves it to TensorFlow.
    """

    workers: int
    trials_per_worker: int | None
    threads: int | None = None
    gpus: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.workers < 1 or (self.trials_per_worker is not None and self.trials_per_worker < 1):
            raise ConfigError(
                "`hydra.sweeper.n_jobs` and `trials_per_worker` must be at least 1. "
                f"Received: {self.workers} and {self.trials_per_worker}."
            )


@dataclass
class WorkerProcess:
    """A worker.

    Attributes:
        process: Runs `bitjaru.sweep.execution.worker`.
        pipe: To and from it.
        lifetime: Says when it is replaced.
        gpu: The one that it sees; None for whatever TensorFlow finds.
        ready: Whether it has said that it takes trials.
        job: The trial that it runs.
        future: Waits for that trial.
        kills_before: `memory_kills` when the worker began.
    """

    process: "subprocess.Popen[bytes]"
    pipe: "Connection[Any, Any]"
    lifetime: Lifetime
    gpu: str | None = None
    ready: bool = False
    job: Job | None = None
    future: "Future[Result] | None" = None
    kills_before: int = field(default_factory=memory_kills)

    @property
    def free(self) -> bool:
        """Whether it waits for a trial."""
        return self.ready and self.job is None

    def ended(self) -> None:
        """Counts a trial."""
        self.job, self.future = None, None
        self.lifetime.ended(0 if self.gpu is not None else memory_of(self.process.pid))


class Starter:
    """Starts workers of one kind, each with its share of the machine."""

    def __init__(self, task: Task, share: Share, *, lock: int | None) -> None:
        self._task, self._share, self._lock = task, share, lock

    def start(self, beside: Sequence[WorkerProcess]) -> WorkerProcess:
        """Starts a worker beside others; it says when it is ready."""
        gpu = gpus.least_busy(self._share.gpus, (worker.gpu for worker in beside))
        ours, theirs = multiprocessing.Pipe()
        inherited = [theirs.fileno(), *([] if self._lock is None else [self._lock])]
        command = [
            sys.executable,
            "-m",
            "bitjaru.sweep.execution.worker",
            *(str(number) for number in (*inherited, -1)[:2]),
        ]
        process = subprocess.Popen(command, env=self._environment(gpu), pass_fds=inherited, stdin=subprocess.DEVNULL)
        theirs.close()
        with contextlib.suppress(OSError):  # One that is dead already is mourned when its pipe is heard.
            ours.send((os.getpid(), self._task, sys.path))
        return WorkerProcess(process, ours, Lifetime(self._share.trials_per_worker), gpu)

    def _environment(self, gpu: str | None) -> Mapping[str, str]:
        threads = str(self._share.threads or max(1, cores() // self._share.workers))
        level = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")}
        package = str(Path(bitjaru.__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        return {**os.environ, **dict.fromkeys(THREADS, threads), **level, **gpus.environment(gpu), "PYTHONPATH": path}


class Leaving:
    """Workers whose pipe is closed: they leave by themselves, and nobody waits for them before the end."""

    def __init__(self) -> None:
        self._processes: list[tuple[subprocess.Popen[bytes], float]] = []

    def add(self, worker: WorkerProcess) -> None:
        """Closes a worker's pipe."""
        worker.pipe.close()
        self._processes.append((worker.process, time.monotonic() + SECONDS_TO_LEAVE))

    def hurry(self) -> None:
        """Kills those that had their time."""
        self._processes = [(process, until) for process, until in self._processes if not _gone(process, until)]

    def wait(self) -> None:
        """Waits for all of them, and kills those that stay."""
        for process, _ in self._processes:
            _reap(process)
        self._processes.clear()


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
