"""Whether a database file is in order, told without MLflow: importing it takes seconds, and a run asks this first.

After MLflow has opened the database, a note beside it says which MLflow that was and which schema it found. What
differs from the note, or is not where that MLflow keeps it, is not known to be in order: then MLflow looks, and says
what is wrong.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from bitjaru.files import write_text
from bitjaru.tracking.store.store import SQLITE

WORKSPACES = ("MLFLOW_ENABLE_WORKSPACES", "MLFLOW_WORKSPACE")  # who sets these sees other things than all
T = TypeVar("T")


def note(database: Path) -> None:
    """Notes that the installed MLflow opens the database.

    Raises:
        OSError: If the note cannot be written.
        sqlite3.Error: If the database is not one of MLflow's.
    """
    with closing(open_to_read(database)) as connection:
        write_text(_place(database), _schema(connection))


def is_in_order(database: Path, experiment: str) -> bool:
    """Tells whether MLflow would open the database, and find an active experiment with artifacts in a folder."""
    try:
        noted = _place(database).read_text(encoding="utf-8")
        with closing(open_to_read(database)) as connection:
            rows = connection.execute(
                "SELECT lifecycle_stage, artifact_location FROM experiments WHERE name = ?", (experiment,)
            ).fetchall()
            known = noted == _schema(connection)
    except (OSError, ValueError, sqlite3.Error):
        return False
    return known and [stage for stage, _ in rows] == ["active"] and not rows[0][1].startswith("mlflow-artifacts:")


def _schema(connection: sqlite3.Connection) -> str:
    revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return f"mlflow {version('mlflow')}, schema {' '.join(revision for (revision,) in revisions)}\n"


def is_known(database: Path) -> bool:
    """Tells whether the installed MLflow has opened the database, and its schema is the one that it found."""
    try:
        noted = _place(database).read_text(encoding="utf-8")
        with closing(open_to_read(database)) as connection:
            return noted == _schema(connection)
    except (OSError, ValueError, sqlite3.Error):
        return False


def read_without_mlflow(uri: str, read: Callable[[sqlite3.Connection], T | None]) -> T | None:
    """Reads a store's tables as they are, all at the same moment.

    Args:
        uri: Of the store.
        read: Takes what it wants; None where it finds that MLflow must be asked.

    Returns:
        What `read` took; None where MLflow must be asked.
    """
    database = Path(uri.removeprefix(SQLITE))
    if not uri.startswith(SQLITE) or any(map(os.environ.get, WORKSPACES)) or not is_known(database):
        return None
    try:
        with closing(open_to_read(database)) as connection:
            connection.execute("BEGIN")  # all that follows sees the same moment
            return read(connection)
    except sqlite3.Error:
        return None  # MLflow says what is wrong with it


def open_to_read(database: Path) -> sqlite3.Connection:
    """Opens a database that exists, to read and nothing else.

    Raises:
        sqlite3.Error: If it cannot be.
    """
    return sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=20)


def _place(database: Path) -> Path:
    return database.with_name(f"{database.name}.opened")
