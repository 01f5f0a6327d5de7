"""Runs that MLflow does not know in full, and runs that nobody ended: what `bitjaru doctor` looks for."""

import contextlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitjaru.outcome import FILE, Outcome
from bitjaru.tracking.runs.journal import FOLDER, DamagedJournalError, Journal, Progress
from bitjaru.tracking.runs.operations import End, Metrics
from bitjaru.tracking.runs.run import Run
from bitjaru.tracking.runs.run_lock import is_alive
from bitjaru.tracking.runs.synchronization import send
from bitjaru.tracking.store.client import NotSent, figures_of, has_run


@dataclass(frozen=True)
class Unsent:
    """A run of which MLflow lacks something.

    Attributes:
        folder: Of the run.
        operations: What it lacks, in order: `["Metrics", "Artifacts", "End"]`.
    """

    folder: Path
    operations: list[str]


def unsent(root: Path) -> list[Unsent]:
    """Finds the runs below `root` that MLflow does not have in full, parents before their children."""
    found = []
    for folder in _runs(root):
        lines = Journal(folder).lines()
        missing = [line["operation"] for line in lines[Progress.load(folder).sent :]]
        if missing and lines[0].get("uri") is not None:
            found.append(Unsent(folder, missing))
    return found


def forgotten(root: Path) -> list[Path]:
    """Finds the runs below `root` that were sent, and that their store does not have any more: it was deleted.

    Raises:
        TrackingError: If a store does not answer.
    """
    found = []
    for folder in _runs(root):
        uri, run_id = Journal(folder).lines()[0].get("uri"), Progress.load(folder).run_id
        if uri is not None and run_id is not None and not has_run(uri, run_id):
            found.append(folder)
    return found


def altered(root: Path) -> list[str]:
    """Says of each run below `root` whose figures in its store are not those that it was told: its file was damaged.

    Raises:
        TrackingError: If a store does not answer.
    """
    found = []
    for folder in _runs(root):
        lines, progress = Journal(folder).lines(), Progress.load(folder)
        uri = lines[0].get("uri")
        if uri is None or progress.run_id is None or progress.sent < len(lines) or not has_run(uri, progress.run_id):
            continue
        there = figures_of(uri, progress.run_id)
        if wrong := [name for name, value in _told(lines).items() if not _is_same(there.get(name), value)]:
            found.append(f"{folder}: {', '.join(wrong)}")
    return found


def _told(lines: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The last value of each metric: that of the last step, and of what was told twice for one step the later."""
    told = sorted((line for line in lines if line["operation"] == Metrics.__name__), key=_moment)
    return {name: value for line in told for name, value in line["values"].items()}


def _moment(line: Mapping[str, Any]) -> tuple[int, int]:
    return line["step"], line["time"]


def _is_same(there: float | None, told: float) -> bool:
    return there is not None and (there == told or not math.isfinite(told))


def forget(folder: Path) -> None:
    """Has a run sent from its beginning: as another run, since its store does not have it."""
    Progress().save(folder)


def abandoned(root: Path) -> list[Path]:
    """Finds the runs below `root` that have no end and no process: MLflow shows them RUNNING for ever.

    `Run.reopen` goes on with one, and its `end` closes it.
    """
    return [
        folder
        for folder in _runs(root)
        if Journal(folder).lines()[-1]["operation"] != End.__name__ and not is_alive(folder)
    ]


def damaged(root: Path) -> list[str]:
    """Says of each journal below `root` that is not what was written what is wrong: it cannot be sent, nor closed."""
    return [wrong for journal in _journals(root) if (wrong := _damage(journal)) is not None]


def holds_run(folder: Path) -> bool:
    """Tells whether a run can be reopened here. A journal whose first line was never completed is cleared away."""
    journal = Journal(folder)
    if not journal.path.exists():
        return False
    if journal.lines():
        return True
    journal.path.unlink()
    return False


def settle(parent: Path) -> None:
    """Ends the runs below a parent's folder that nobody is at, with what they left, and sends what MLflow lacks.

    The parent itself is left alone.
    """
    for folder in abandoned(parent):
        if folder == parent:
            continue
        run = Run.reopen(folder)
        if (folder / FILE).exists():
            run.finish(Outcome.load(folder))
        else:
            run.end("KILLED", "interrupted")
    for left in unsent(parent):
        if left.folder != parent and not is_alive(left.folder):
            with contextlib.suppress(NotSent):  # `bitjaru doctor` sends it later
                send(left.folder)


def emptied(folder: Path) -> Path:
    """Returns the folder, made and empty: what was begun in it and not finished is set aside beside it."""
    number = 1
    while folder.exists() and any(folder.iterdir()):
        aside = folder.with_name(f"{folder.name}.unfinished-{number}")
        if not aside.exists():
            folder.rename(aside)
            break
        number += 1
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _runs(root: Path) -> list[Path]:
    """Folders of runs, shortest first: a grid's folder is above those of its runs. Damaged ones are no runs."""
    return [journal.folder for journal in _journals(root) if _damage(journal) is None and journal.lines()]


def _journals(root: Path) -> list[Journal]:
    paths = sorted(root.rglob(f"{FOLDER}/journal.jsonl"), key=lambda path: (len(path.parts), path))
    return [Journal(path.parents[1]) for path in paths]


def _damage(journal: Journal) -> str | None:
    try:
        lines = journal.lines()
    except DamagedJournalError as error:
        return str(error)
    if (sent := Progress.load(journal.folder).sent) > len(lines):
        return (
            f"A run's journal must hold all that MLflow has. Received: {journal.path} with {len(lines)} lines, of "
            f"which {sent} were sent: its end was cut off. Restore the file; MLflow has the run as it was."
        )
    return None
