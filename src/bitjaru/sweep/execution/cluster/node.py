"""What runs trials on a node: an actor, which Ray starts there. It talks to the sweep by answering its questions."""

import dataclasses
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

from filelock import FileLock

from bitjaru.sweep.execution.cluster import sameness
from bitjaru.sweep.execution.cluster.freight import Freight, Loading
from bitjaru.sweep.execution.jobs import Job
from bitjaru.sweep.execution.lifetime import memory_of
from bitjaru.sweep.execution.worker import Task, load, runner_of, settle
from bitjaru.sweep.execution.worker_process import THREADS

MINE = "bitjaru"


class Node:
    """One worker. Its trial has a thread of its own, so that the sweep can hear it meanwhile."""

    def __init__(self, task: Task, *, threads: int, search: str) -> None:
        """Makes this process ready for trials.

        Args:
            task: What it does.
            threads: Of the CPU, for a trial.
            search: Names the folder that the workers of one search share on a node.
        """
        import ray

        os.environ.update(dict.fromkeys(THREADS, str(threads)), TF_FORCE_GPU_ALLOW_GROWTH="true")
        self._folder = Path(tempfile.gettempdir()) / f"{MINE}-{os.getuid()}" / search
        self._messages: Queue[tuple[Any, ...]] = Queue()
        self._answers: Queue[bool] = Queue()
        if task.program is not None:
            task.program.enter()
        self._run = runner_of(task)
        if task.warm_up is not None:
            load(task.warm_up)()
        where = f"{socket.gethostname()}, node {ray.get_runtime_context().get_node_id()[:8]}"
        self._messages.put(("ready", where, ray.get_runtime_context().get_node_id(), sameness.versions()))

    def hear(self) -> tuple[Any, ...]:
        """Waits for the next thing that the trial says, and returns it."""
        return self._messages.get()

    def answer(self, stop: bool) -> None:
        """Lets the trial go on after a report, or end as pruned."""
        self._answers.put(stop)

    def begin(self, job: Job, files: Freight, shared: Sequence[Any]) -> None:
        """Starts a trial.

        Args:
            job: As the sweep sees it.
            files: What an earlier attempt left in its folder.
            shared: A reference to what all trials of the search share; it is fetched once a node.
        """
        threading.Thread(target=self._trial, args=(job, files, shared), daemon=True).start()

    def clean(self) -> None:
        """Removes what the search left on this node."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _trial(self, job: Job, files: Freight, shared: Sequence[Any]) -> None:
        folder = self._folder / str(job.number)
        try:
            self._fetch(shared)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            files.unload(folder)
            line = _Line(Loading(folder), self._messages, self._answers)
            said = settle(dataclasses.replace(job, folder=folder), self._run, line)
            self._messages.put((*said, line.files.load(), memory_of(os.getpid())))
            shutil.rmtree(folder, ignore_errors=True)
        except BaseException as error:
            self._messages.put(("broken", f"{type(error).__name__}: {error}"))

    def _fetch(self, shared: Sequence[Any]) -> None:
        import ray

        self._folder.mkdir(parents=True, exist_ok=True)
        done = self._folder / "shared"
        with FileLock(f"{done}.lock"):
            if not done.exists():
                loaded: Freight = ray.get(shared[0])
                loaded.unload(self._folder)
                done.touch()


@dataclasses.dataclass(frozen=True)
class _Line:
    """Fits `bitjaru.sweep.execution.jobs.Reporter`."""

    files: Loading
    messages: "Queue[tuple[Any, ...]]"
    answers: "Queue[bool]"

    def report(self, epoch: int, value: float) -> bool:
        """Tells the value, and brings the trial's files along: with the node they would be lost."""
        self.messages.put(("report", epoch, float(value), self.files.load()))
        return self.answers.get()

    def remember(self, name: str, value: Any) -> None:
        """Tells the value."""
        self.messages.put(("remember", name, value))
