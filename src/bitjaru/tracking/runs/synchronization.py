"""From a run's journal to MLflow: everything that it does not have yet, in order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from bitjaru import formats
from bitjaru.errors import TrackingError
from bitjaru.tracking.runs.journal import FOLDER, Journal, Progress
from bitjaru.tracking.runs.operation import Context
from bitjaru.tracking.runs.operations import Start, from_line
from bitjaru.tracking.store.client import explained
from bitjaru.tracking.store.store import open_client

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
        client = open_client(start.uri)
        if start.parent is not None and progress.run_id is None:
            send(folder / start.parent)
        for line in pending:
            progress = from_line(line).send(Context(client, folder, progress))
            progress = replace(progress, sent=progress.sent + 1)
            progress.save(folder)
        return len(pending)


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
