"""Runs the finals that are missing, each in a process of its own; what is finished is never run again."""

import fcntl
import logging
import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bitjaru import project
from bitjaru.errors import BitjaruError
from bitjaru.files import write_text
from bitjaru.finals.plan import Final, Plan
from bitjaru.outcome import FILE, Outcome
from bitjaru.tracking.runs import recovery

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
LAST_LINES = 5
LOCK = "finals.lock"
log = logging.getLogger(__name__)


class FinalsError(BitjaruError):
    """A final failed; those that finished are kept."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Waits until no other process is at these finals, and keeps others waiting.

    The runs inherit the lock: of a start that was killed they may still be going on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as file:
        os.set_inheritable(file.fileno(), True)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("Another process is at these finals, in %s: waiting for it to end.", folder)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def outcome(folder: Path, final: Final) -> Outcome | None:
    """Returns a final's outcome; None while it has not finished."""
    own = folder / final.folder
    if not (own / FILE).exists():
        return None
    kept = Outcome.load(own)
    return kept if kept.status == "FINISHED" else None


def finished(folder: Path, final: Final) -> Outcome:
    """Returns a final's outcome.

    Raises:
        FinalsError: If it has not finished.
    """
    kept = outcome(folder, final)
    if kept is None:
        raise FinalsError(
            f"Every final must have finished. Received: {final.folder} in {folder}, which has not. "
            "The same command runs it again."
        )
    return kept


def run_missing(plan: Plan, folder: Path, *, jobs: int) -> None:
    """Runs the finals that have no outcome yet.

    Args:
        plan: Of the finals.
        folder: Their own, where the run of the finals lives.
        jobs: How many at the same time.

    Raises:
        FinalsError: If some failed; all were tried.
    """
    recovery.settle(folder)
    finals = [*plan.finals(), *plan.learning()]
    missing = [final for final in finals if outcome(folder, final) is None]
    _announce(plan, len(finals), len(missing))
    processes: list[subprocess.Popen[str]] = []
    pool = ThreadPoolExecutor(jobs)
    failed = []
    try:
        waiting = [pool.submit(_run, final, folder, jobs, processes) for final in missing]
        for number, (final, future) in enumerate(zip(missing, waiting, strict=True), len(finals) - len(missing) + 1):
            why = future.result()
            log.info("%d/%d %s: %s", number, len(finals), _named(final), why or _said(folder, final))
            if why is not None:
                failed.append(f"{final.finalist} with seed {final.seed}: {why}")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
    if failed:
        raise FinalsError(
            f"Every final should finish. Received: {len(failed)} of {len(finals)} failed, the others are stored. "
            f"{failed[0]}. The same command runs only these again."
        )


def _announce(plan: Plan, every: int, missing: int) -> None:
    """Says how much is to be done before it begins: it may take a night."""
    courses = len(list(plan.learning()))
    log.info(
        "%d trainings: %d architectures with %d seeds each%s.",
        every,
        len(plan.finalists),
        len(plan.seeds),
        f', and {courses} for the learning curves (`--fractions ""` leaves them out)' if courses else "",
    )
    if missing < every:
        log.info("%d of %d finals are there already.", every - missing, every)


def _named(final: Final) -> str:
    share = "" if final.fraction == 1 else f", {final.fraction:.0%} of the training part"
    return f"{final.finalist}, seed {final.seed}{share}"


def _run(final: Final, folder: Path, jobs: int, processes: "list[subprocess.Popen[str]]") -> str | None:
    """Runs one; returns why it failed."""
    own = recovery.emptied(folder / final.folder)
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    limits = dict.fromkeys(THREADS, threads) if jobs > 1 else {}
    where = [f"hydra.run.dir={project.quoted(own)}", f"hydra.job.env_set.BITJARU_PARENT={project.quoted(folder)}"]
    process = subprocess.Popen(
        project.train_command([*final.overrides, *where]),
        env={**os.environ, **limits},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        close_fds=False,  # the lock of `alone`
    )
    processes.append(process)
    printed, _ = process.communicate()
    processes.remove(process)
    write_text(own.with_name(f"{own.name}.log"), printed)
    if process.returncode == 0 and outcome(folder, final) is not None:
        return None
    return " ".join(printed.splitlines()[-LAST_LINES:]) or f"it ended with status {process.returncode}"


def _said(folder: Path, final: Final) -> str:
    kept = finished(folder, final)
    figures: Sequence[str] = [
        f"{part} {kept.metrics[name]:.4f}" for part in ("valid", "test") if (name := f"{part}_accuracy") in kept.metrics
    ]
    return ", ".join([*figures, f"{kept.seconds:.0f} s"])
