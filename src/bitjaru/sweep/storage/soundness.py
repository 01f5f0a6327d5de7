"""Whether a study is still what was written: SQLite looks only at what it needs, and Optuna trusts what it reads."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from optuna.storages import BaseStorage

from bitjaru.errors import TrackingError
from bitjaru.sweep.storage import copies

READS = frozenset(
    ("get_all_studies", "get_study_directions", "get_study_user_attrs", "get_study_system_attrs", "get_all_trials")
)
# What Optuna raises for a state, a time, a distribution or JSON that is none.
UNREADABLE: tuple[type[Exception], ...] = (LookupError, ValueError, TypeError, AttributeError, AssertionError)
T = TypeVar("T")


def check(file: Path) -> None:
    """Looks at every page, index and row of a database file; some milliseconds for a thousand trials.

    Raises:
        TrackingError: If they do not go together.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=20)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
            if found == ["ok"]:
                found = [copies.difference(connection) or "ok"]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # names of what is in it are text, too
        if "locked" in str(error):
            return  # whoever writes to it says soon enough
        found = [str(error)]
    if found != ["ok"]:
        raise damaged(str(file), " ".join(found[0].split()))


def readable(storage: BaseStorage, named: str) -> BaseStorage:
    """Returns a storage of which whatever cannot be read is one error.

    Args:
        storage: Whose rows may hold anything: those of a server, and those that an earlier version wrote once only.
        named: The address, for people.
    """
    return cast("BaseStorage", _Readable(storage, named))


def read(call: Callable[..., T], *arguments: Any, named: str, **options: Any) -> T:
    """Reads something of a study.

    Raises:
        TrackingError: If it is nothing that Optuna wrote.
    """
    try:
        return call(*arguments, **options)
    except UNREADABLE as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise damaged(named, f"Optuna cannot read what is in it ({said})") from error


def damaged(named: str, why: str) -> TrackingError:
    """Makes the error of a file or a database that is not what was written."""
    return TrackingError(
        f"A study's file must be what was written. Received: {named}, which was damaged: {why}. Restore a copy of it, "
        "or begin anew with another hydra.sweeper.study_name or hydra.sweeper.storage; the folders of the trials that "
        "have ended keep their figures."
    )


@dataclass
class _Readable:
    """Fits `BaseStorage`."""

    _behind: BaseStorage
    _named: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_behind":  # a copy in the making has nothing behind it yet
            raise AttributeError(name)
        found = getattr(self._behind, name)
        return partial(read, found, named=self._named) if name in READS else found
