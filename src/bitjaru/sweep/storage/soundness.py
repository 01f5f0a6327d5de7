"""Whether a study's file is still what was written: SQLite itself looks only at what it needs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bitjaru.errors import TrackingError


def check(file: Path) -> None:
    """Looks at every page and index of a database file; some milliseconds for a thousand trials.

    Raises:
        TrackingError: If they do not go together.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            return  # whoever writes to it says soon enough
        found = [str(error)]
    if found != ["ok"]:
        raise damaged(file, " ".join(found[0].split()))


def damaged(file: Path, why: str) -> TrackingError:
    """Makes the error of a file that is not what was written."""
    return TrackingError(
        f"A study's file must be what was written. Received: {file}, which was damaged: {why}. Restore a copy of it, "
        "or begin anew with another hydra.sweeper.study_name or hydra.sweeper.storage; the folders of the trials that "
        "have ended keep their figures."
    )
