"""Trials that cost nothing, for workers to import. What they do is told by their overrides."""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bitjaru.errors import ConfigError, TrackingError, TrainingError
from bitjaru.sweep.execution.jobs import Job, Reporter, Result
from bitjaru.tasks import Direction


class Minimizing:
    """A platform as far as it is asked before a study is opened."""

    def directions(self, config: Mapping[str, Any]) -> tuple[Direction, ...]:
        assert "x" in config
        return ("minimize",)


def values(job: Job) -> dict[str, str]:
    return dict(line.split("=", 1) for line in job.overrides)


def square(job: Job, reporter: Reporter) -> Result:
    """(x - 2)², told in three epochs."""
    x = float(values(job).get("x", 0))
    for epoch in (1, 2, 3):
        if reporter.report(epoch, (x - 2) ** 2 + 3 - epoch):
            return Result((), pruned=True)
    return Result(((x - 2) ** 2,))


def patient(job: Job, reporter: Reporter) -> Result:
    """Five slow epochs with a checkpoint each; writes down every epoch that it runs and every start."""
    job.folder.mkdir(parents=True, exist_ok=True)
    checkpoint = job.folder / "checkpoint"
    if not job.resume and checkpoint.exists():
        raise AssertionError("a new trial found another trial's files")
    reporter.remember("run_id", job.notes.get("run_id", f"run-{job.number}"))
    with (job.folder / "starts").open("a", encoding="utf-8") as starts:
        starts.write(f"{os.getpid()} {' '.join(job.overrides)}\n")
    done = int(checkpoint.read_text()) if checkpoint.exists() and checkpoint.read_text() else 0
    for epoch in range(done + 1, 6):
        time.sleep(float(os.environ.get("EPOCH_SECONDS", "0.05")))
        _replace(checkpoint, str(epoch))
        reporter.report(epoch, epoch / 10 + float(values(job)["x"]))
    return Result((float(values(job)["x"]),))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    temporary.write_text(text)
    temporary.replace(path)


def faulty(job: Job, reporter: Reporter) -> Result:
    """Fails in the way that `how` names."""
    match values(job)["how"]:
        case "nan":
            raise TrainingError("The loss must be a number. Received: nan in epoch 2.")
        case "nan_value":
            return Result((float("nan"),))
        case "oom":
            raise MemoryError
        case "shape":
            raise ConfigError("`kernel_size` must fit the sequence. Received: kernel_size=9, T=4.")
        case "bug":
            raise KeyError("units")
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "killed_once":
            if job.attempt == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        case "hung":
            time.sleep(600)
        case "exit":
            os._exit(3)
    return Result((1.0,))


def environment(job: Job, reporter: Reporter) -> Result:
    """Remembers who ran it and with which share of the machine."""
    reporter.remember("pid", os.getpid())
    reporter.remember("threads", os.environ["TF_NUM_INTRAOP_THREADS"])
    print("a word from the trial")  # noqa: T201
    return Result((float(job.number),))


KEPT: list[bytes] = []


def growing(job: Job, reporter: Reporter) -> Result:
    """Remembers who ran it, and keeps memory for ever."""
    KEPT.append(os.urandom(20_000_000))
    return environment(job, reporter)


def on_a_gpu(job: Job, reporter: Reporter) -> Result:
    """Remembers which GPU it sees, and from when till when; the first trial takes long."""
    began = time.time()
    time.sleep(2.5 if job.number == 0 else 0.1)
    reporter.remember("gpu", os.environ["CUDA_VISIBLE_DEVICES"])
    reporter.remember("shares", os.environ["TF_FORCE_GPU_ALLOW_GROWTH"])
    reporter.remember("span", [began, time.time()])
    return Result((1.0,))


def sleeper(job: Job, reporter: Reporter) -> Result:
    time.sleep(float(values(job)["seconds"]))
    return Result((1.0,))


def together(job: Job, reporter: Reporter) -> Result:
    """Ends well only if as many trials run at this moment as `together` says; waits two minutes for the others."""
    meeting = Path(values(job)["meeting"])
    (meeting / str(job.number)).touch()
    until = time.monotonic() + 120
    while len(list(meeting.iterdir())) < int(values(job)["together"]):
        if time.monotonic() > until:
            raise TimeoutError(f"{len(list(meeting.iterdir()))} trials came to {meeting}")
        time.sleep(0.05)
    return Result((1.0,))


WARMED: list[int] = []


def warm_up() -> None:
    WARMED.append(os.getpid())


def slowly() -> None:
    time.sleep(2)


def endless() -> None:
    time.sleep(600)


def warmth(job: Job, reporter: Reporter) -> Result:
    """Returns how often this worker was warmed up."""
    reporter.remember("pid", os.getpid())
    return Result((float(len(WARMED)),))


def filling(job: Job, reporter: Reporter) -> Result:
    """Writes 400 KB, and wraps what the disk says as a tracked run does."""
    job.folder.mkdir(parents=True, exist_ok=True)
    try:
        (job.folder / "large").write_bytes(bytes(400_000))
    except OSError as error:
        raise TrackingError(f"A run's folder must be writable. Received: {error}.") from error
    return Result((1.0,))


def sharing(job: Job, reporter: Reporter) -> Result:
    """Tells which GPU it was given, what its surroundings brought, and when it ran."""
    began = time.time()
    time.sleep(0.5)
    reporter.remember("gpu", os.environ.get("CUDA_VISIBLE_DEVICES"))
    reporter.remember("flavour", os.environ.get("FLAVOUR"))
    reporter.remember("ran", (began, time.time()))
    return Result((0.0,))
