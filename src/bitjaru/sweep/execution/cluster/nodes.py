"""Trials on the nodes of a Ray cluster, as the sweep sees them."""

import uuid
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

from bitjaru.errors import ConfigError
from bitjaru.sweep.execution.cluster import sameness
from bitjaru.sweep.execution.cluster.death import Death
from bitjaru.sweep.execution.cluster.freight import Freight, Loading
from bitjaru.sweep.execution.cluster.node import Node
from bitjaru.sweep.execution.executors import Sink
from bitjaru.sweep.execution.failures import KILLED, NODE, Failure, TrialFailed
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.lifetime import Lifetime
from bitjaru.sweep.execution.worker import Task

STILLBORN = 3
NAME_THEIR_FOLDER = ("tracking/journal.jsonl", "config.yaml", ".hydra/config.yaml", ".hydra/hydra.yaml")


@dataclass(eq=False)
class _Worker:
    actor: Any
    hearing: Any  # a reference to the next thing that it says
    lifetime: Lifetime
    node: str | None = None
    name: str = "a node that has not answered yet"
    job: Job | None = None
    future: "Future[Result] | None" = None

    @property
    def free(self) -> bool:
        return self.node is not None and self.job is None


class Nodes:
    """Fits `bitjaru.sweep.execution.executors.Executor`."""

    def __init__(
        self, task: Task, sink: Sink, *, workers: int, trials_per_worker: int | None, resources: Mapping[str, Any]
    ):
        """Asks the cluster for workers: where there is no room yet, it makes some or they wait.

        Args:
            task: What workers do.
            sink: Hears what trials say.
            workers: At a time.
            trials_per_worker: A worker is replaced after so many trials; None: once its memory has grown.
            resources: `num_cpus` and `num_gpus` of each.
        """
        self._task, self._sink, self._most, self._resources = task, sink, workers, resources
        self._trials_per_worker = trials_per_worker
        self._search = uuid.uuid4().hex[:16]
        self._shared: list[Any] = []
        self._waiting: deque[tuple[Job, Future[Result]]] = deque()
        self._stillborn = 0
        self._dead: list[tuple[_Worker, Death]] = []
        self._workers = [self._new_worker() for _ in range(workers)]

    @property
    def capacity(self) -> int:
        """The number of workers."""
        return self._most

    def submit(self, job: Job) -> "Future[Result]":
        """Hands a job to a free worker, or lets it wait for one."""
        future: Future[Result] = Future()
        self._waiting.append((job, future))
        self._hand_out()
        return future

    def wait(self, seconds: float) -> None:
        """Answers what workers say; returns as soon as one has said something."""
        self._bury()
        hearing = {worker.hearing: worker for worker in self._workers}
        if not ray.wait(list(hearing), timeout=seconds)[0]:
            return
        ready, _ = ray.wait(list(hearing), num_returns=len(hearing), timeout=0)
        for reference in ready:
            self._hear(hearing[reference])
        self._hand_out()

    def end(self, number: int) -> bool:
        """Kills the worker that runs a trial, and tells whether there is one."""
        busy = [worker for worker in self._workers if worker.job is not None and worker.job.number == number]
        for worker in busy:
            ray.kill(worker.actor)
        return bool(busy)

    def shutdown(self) -> None:
        """Ends every worker, and removes what the search left on the nodes; running trials can be taken up again."""
        cleaning = [worker.actor.clean.remote() for worker in self._workers if worker.node is not None]
        if cleaning:
            ray.wait(cleaning, num_returns=len(cleaning), timeout=5)
        for worker in self._workers:
            ray.kill(worker.actor)
        self._workers.clear()
        self._waiting.clear()
        ray.shutdown()

    def _new_worker(self) -> _Worker:
        remote: Any = ray.remote(Node)
        threads = max(1, int(self._resources["num_cpus"]))
        options = remote.options(max_concurrency=3, max_restarts=0, **self._resources)
        actor = options.remote(self._task, threads=threads, search=self._search)
        return _Worker(actor, actor.hear.remote(), Lifetime(self._trials_per_worker))

    def _hand_out(self) -> None:
        for worker in [worker for worker in self._workers if worker.free]:
            if not self._waiting:
                return
            worker.job, worker.future = self._waiting.popleft()
            if not self._shared:
                self._shared = [ray.put(_shared(worker.job.folder.parent))]
            files = Loading(worker.job.folder).load()
            worker.actor.begin.remote(worker.job, files, self._shared)

    def _hear(self, worker: _Worker) -> None:
        try:
            said = ray.get(worker.hearing)
        except RayError as error:
            self._mourn(worker, error)
            return
        worker.hearing = worker.actor.hear.remote()
        match said:
            case ("ready", str(name), str(node), dict() as versions):
                sameness.check(name, versions)
                worker.name, worker.node, self._stillborn = name, node, 0
            case ("report", int(epoch), float(value), Freight() as files) if worker.job:
                files.unload(worker.job.folder, texts=NAME_THEIR_FOLDER)
                worker.actor.answer.remote(self._sink.report(worker.job.number, epoch, value))
            case ("remember", str(name), value) if worker.job:
                self._sink.remember(worker.job.number, name, value)
            case ("result" | "failure", outcome, Freight() as files, int(memory)) if worker.job:
                worker.lifetime.ended(0 if self._resources["num_gpus"] else memory)
                files.unload(worker.job.folder, texts=NAME_THEIR_FOLDER)
                self._settle(worker, outcome)
            case ("broken", str(reason)):
                raise ConfigError(f"{worker.name} must be able to run trials. Received: {reason}.")

    def _settle(self, worker: _Worker, outcome: Result | Failure) -> None:
        future, worker.job, worker.future = worker.future, None, None
        if isinstance(outcome, Failure) or worker.lifetime.over:
            ray.kill(worker.actor)
            self._replace(worker)
        if future is not None and isinstance(outcome, Failure):
            future.set_exception(TrialFailed(outcome))
        elif future is not None:
            future.set_result(outcome)  # type: ignore[arg-type]

    def _mourn(self, worker: _Worker, error: RayError) -> None:
        if worker.node is None and "its node" not in str(error):
            self._stillborn += 1
            if self._stillborn >= STILLBORN or "died during the execution of its creation" in str(error):
                raise ConfigError(f"A worker must be able to start on its node. Received: {_first(error)}")
        ray.kill(worker.actor)
        self._replace(worker)
        if worker.future is not None:
            self._dead.append((worker, Death.noticed(str(worker.node), str(error))))
            self._bury()

    def _bury(self) -> None:
        """Says why workers died: a node that is lost is known as that only some seconds after its workers."""
        for worker, death in list(self._dead):
            lost = death.took_the_node()
            if worker.future is None or lost is None:
                continue
            self._dead.remove((worker, death))
            said = f"{worker.name} is lost." if lost else f"The worker on {worker.name} was ended."
            worker.future.set_exception(TrialFailed(Failure(NODE if lost else KILLED, said, death.error)))

    def _replace(self, worker: _Worker) -> None:
        self._workers[self._workers.index(worker)] = self._new_worker()


def _shared(search: Path) -> Freight:
    """Loads what the trials of a search share: everything in its folder but the trials themselves."""
    loaded = Loading(search).load()
    mine = {name: content for name, content in loaded.files.items() if not name.partition("/")[0].isdigit()}
    return Freight(mine, frozenset(mine), str(search))


def _first(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[-3:])[:500]
