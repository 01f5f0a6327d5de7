"""From a run's journal to MLflow: everything that it does not have yet, in order."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from bitjaru import formats
from bitjaru.errors import TrackingError
from bitjaru.tracking.runs.journal import FOLDER, Journal, Progress
from bitjaru.tracking.runs.operation import Context
from bitjaru.tracking.runs.operations import Start, from_line
from bitjaru.tracking.store.client import explained
from bitjaru.tracking.store.presence import must_be_there, told_before
from bitjaru.tracking.store.store import is_missing, open_client, prepare_files

LOCK_SECONDS = 10.0
_held_back = threading.Event()


def hold_back() -> None:
    """Leaves it to another process to send what this one's runs tell: their store is not to be reached from here."""
    _held_back.set()


def is_held_back() -> bool:
    """Tells whether another process sends."""
    return _held_back.is_set()


def send(folder: Path) -> int:
    """Sends what MLflow does not have of a run; its parent comes first.

    Args:
        folder: Of the run.

    Returns:
        How many operations were sent; 0 for a run that goes nowhere.

    Raises:
        NotSent: If MLflow is away or refuses; what was sent before that counts.
        TrackingError: If the folder holds no journal.
    """
    journal = Journal(folder)
    start = first(journal)
    if start.uri is None or is_held_back():
        return 0
    with explained(start.uri), _sending(folder):
        progress = Progress.load(folder)
        pending = journal.lines()[progress.sent :]
        if not pending:
            return 0
        _send(start, folder, progress, pending)
        return len(pending)


def look(folder: Path) -> None:
    """Asks whether a run's store still has it: a search hears of its trials, and tells nothing itself meanwhile.

    Raises:
        Vanished: If it was told of the run and does not have it any more.
        NotSent: If it does not answer.
    """
    uri, run_id = first(Journal(folder)).uri, Progress.load(folder).run_id
    if uri is None or run_id is None:
        return
    must_be_there(uri, told=True)
    with explained(uri), told_before(uri):
        open_client(uri).get_run(run_id)


def _send(start: Start, folder: Path, progress: Progress, pending: Sequence[Mapping[str, Any]]) -> None:
    uri = str(start.uri)
    parent_id = None if start.parent is None else Progress.load(folder / start.parent).run_id
    must_be_there(uri, told=progress.run_id is not None or parent_id is not None)
    if is_missing(uri):
        prepare_files(uri, str(start.artifact_root))  # whole or not at all, which MLflow's own way is not
    client = open_client(uri)
    with told_before(uri):
        if start.parent is not None and progress.run_id is None:
            send(folder / start.parent)
            client.get_run(str(Progress.load(folder / start.parent).run_id))
        for line in pending:
            progress = from_line(line).send(Context(client, folder, progress))
            progress = replace(progress, sent=progress.sent + 1)
            progress.save(folder)


def first(journal: Journal) -> Start:
    """Returns a journal's first line.

    Raises:
        TrackingError: If there is none.
        FormatError: If another version of bitjaru wrote it.
    """
    lines = journal.lines()
    if lines:
        advice = "Send it with the version that made it, or run it again."
        formats.check(f"The run in `{journal.folder}`", lines[0].get("format"), formats.RUN, advice=advice)
    start = from_line(lines[0]) if lines else None
    if not isinstance(start, Start):
        raise TrackingError(f"A run's journal must begin with its start. Received: {journal.path}. Run it again.")
    return start


@contextmanager
def _sending(folder: Path) -> Iterator[None]:
    """Keeps a training and `bitjaru doctor` from sending the same lines."""
    with FileLock(folder / FOLDER / "sending.lock", timeout=LOCK_SECONDS):
        yield
