"""Trials in worker processes on this machine: each takes the next job as soon as it is free."""

from collections import deque
from concurrent.futures import Future
from multiprocessing.connection import wait as wait_for

from bitjaru.errors import ConfigError
from bitjaru.sweep.execution.executors import Sink
from bitjaru.sweep.execution.failures import Failure, TrialFailed, from_exit
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.worker import Task
from bitjaru.sweep.execution.worker_process import Leaving, Share, Starter, WorkerProcess, memory_kills

STILLBORN = 3


class Processes:
    """Fits `bitjaru.sweep.execution.executors.Executor`."""

    def __init__(self, task: Task, sink: Sink, share: Share, *, lock: int | None = None) -> None:
        """Starts the workers: that takes them seconds, in which the caller can do something else.

        Args:
            task: What workers do.
            sink: Hears what trials say.
            share: How the machine is divided.
            lock: A file descriptor that each worker holds for as long as it lives.
        """
        self._sink, self._share = sink, share
        self._starter = Starter(task, share, lock=lock)
        self._workers: list[WorkerProcess] = []
        for _ in range(share.workers):
            self._start_worker()
        self._waiting: deque[tuple[Job, Future[Result]]] = deque()
        self._leaving = Leaving()
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
        self._leaving.hurry()
        self._hand_out()

    def end(self, number: int) -> bool:
        """Kills the worker that runs a trial, and tells whether there is one."""
        busy = [worker for worker in self._workers if worker.job is not None and worker.job.number == number]
        for worker in busy:
            worker.process.kill()
        return bool(busy)

    def shutdown(self) -> None:
        """Ends every worker; busy ones by force, for their trials can be taken up again, and those that still start."""
        for worker in self._workers:
            if not worker.free:
                worker.process.kill()
            self._leaving.add(worker)
        self._leaving.wait()
        self._workers.clear()
        self._waiting.clear()

    def _hand_out(self) -> None:
        for worker in [worker for worker in self._workers if worker.free]:
            if not self._waiting:
                break
            self._give(worker, *self._waiting.popleft())
        starting = sum(not worker.ready for worker in self._workers)
        for _ in range(min(len(self._waiting) - starting, self._share.workers - len(self._workers))):
            self._start_worker()

    def _start_worker(self) -> None:
        self._workers.append(self._starter.start(self._workers))

    def _give(self, worker: WorkerProcess, job: Job, future: "Future[Result]") -> None:
        try:
            worker.pipe.send(job)
        except OSError:
            # It died while it was idle: the job was not touched.
            self._waiting.appendleft((job, future))
            self._drop(worker)
            return
        worker.job, worker.future = job, future

    def _hear(self, worker: WorkerProcess) -> None:
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

    def _settle(self, worker: WorkerProcess, outcome: Result | Failure) -> None:
        future = worker.future
        worker.ended()
        # After a failure the process may be left in any state: a fresh one costs seconds, a wrong value a search.
        if isinstance(outcome, Failure) or worker.lifetime.over:
            self._drop(worker)
        if future is not None and isinstance(outcome, Failure):
            future.set_exception(TrialFailed(outcome))
        elif future is not None and isinstance(outcome, Result):
            future.set_result(outcome)

    def _mourn(self, worker: WorkerProcess) -> None:
        self._drop(worker)
        code = worker.process.wait()
        if not worker.ready:
            self._stillborn += 1
            if code >= 0 or self._stillborn >= STILLBORN:
                raise ConfigError(f"A worker must be able to start. Received: exit code {code}; see its error above.")
        if worker.future is not None:
            out_of_memory = code == -9 and memory_kills() > worker.kills_before
            worker.future.set_exception(TrialFailed(from_exit(code, out_of_memory=out_of_memory)))

    def _drop(self, worker: WorkerProcess) -> None:
        self._workers.remove(worker)
        self._leaving.add(worker)
