"""An address becomes Optuna's storage."""

import hashlib
import sqlite3
import time
from pathlib import Path
from typing import Any, cast

import filelock
import optuna
import sqlalchemy.exc
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import BaseJournalBackend
from sqlalchemy.exc import IntegrityError, ProgrammingError

from bitjaru.errors import ConfigError
from bitjaru.sweep.storage import copies, soundness
from bitjaru.sweep.storage.address import JOURNAL, SQLITE, absolute, file_behind, file_of, is_on_a_server, shown
from bitjaru.sweep.storage.local_lock import lock_file
from bitjaru.sweep.storage.patience import patient
from bitjaru.sweep.storage.sealed_log import SealedLog
from bitjaru.sweep.storage.single_writer import owned
from bitjaru.sweep.storage.soundness import readable
from bitjaru.sweep.storage.whole_trials import whole

ATTEMPTS, PAUSE = 10, 0.5
DRIVERS = {"psycopg": "bitjaru[postgres]", "psycopg2": "bitjaru[postgres]"}


def open_storage(address: str | None) -> BaseStorage:
    """Opens a storage; its tables are made once, under a lock, however many sweeps start together.

    Args:
        address: Any SQLAlchemy address, `journal:` and a file, or None for memory only. Relative files lie
            under the project's folder.

    Raises:
        ConfigError: If it cannot be opened.
        TrackingError: If its file was damaged.
    """
    if address is None:
        return InMemoryStorage()
    file = file_behind(address)
    if file is not None and address.startswith(SQLITE) and file.is_file() and file.stat().st_size:
        soundness.check(file)
    try:
        if address.startswith(JOURNAL):
            return owned(_journal(file_of(address.removeprefix(JOURNAL))))
        with filelock.FileLock(lock_file(address, "schema-" + hashlib.sha256(address.encode()).hexdigest()[:16])):
            database = _database(address)
            storage = whole(optuna.storages.get_storage(database), database)
            if file is not None and file.is_file():
                copies.keep(file)
            return owned(patient(readable(storage, shown(address)), shown(address)))
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error, OSError, ImportError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"`hydra.sweeper.storage` must be a database that can be opened. Received: {shown(address)} "
            f"({_reason(error)}). Write sqlite:///file.db, journal:file.log, postgresql+psycopg://user@host/name, "
            "another SQLAlchemy address, or null to keep nothing."
        ) from error


def _journal(file: Path) -> BaseStorage:
    """Opens a file of lines, which Optuna reads at once."""
    storage = soundness.read(lambda: JournalStorage(cast("BaseJournalBackend", SealedLog.of(file))), named=str(file))
    return readable(storage, str(file))


def _database(address: str) -> RDBStorage:
    """Opens a database, and makes the tables; another host may be making them too."""
    for left in reversed(range(ATTEMPTS if is_on_a_server(address) else 1)):
        try:
            return RDBStorage(absolute(address), engine_kwargs=_connecting(address))
        except (IntegrityError, ProgrammingError):
            if not left:
                raise
            time.sleep(PAUSE)
    raise ValueError("No attempt was made.")


def _connecting(address: str) -> dict[str, Any]:
    """Returns how connections are made."""
    if is_on_a_server(address):
        return {"pool_pre_ping": True}  # one that the server has dropped is noticed before it is used
    return {"pool_events": [(_log_ahead, "connect")]}


def _log_ahead(connection: Any, _: object) -> None:
    """Has SQLite append to a log before it writes to its file: readers hold up nobody, and disks are seldom waited for.

    Whatever process is killed, nothing is lost. When the power fails the last moments may be, but never the file; a
    trial that ended in them is found in its folder.
    """
    connection.execute("PRAGMA journal_mode=WAL").close()
    connection.execute("PRAGMA synchronous=NORMAL").close()


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ImportError) and cause.name is not None:
            extra = DRIVERS.get(cause.name)
            return f"its driver {cause.name} is not installed: pip install {extra or cause.name}"
        cause = cause.__cause__ or cause.__context__
    return (str(error).splitlines() or [type(error).__name__])[0]
