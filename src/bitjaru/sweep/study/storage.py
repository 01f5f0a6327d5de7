"""Where studies are kept: an address becomes Optuna's storage, and one sweep at a time owns a study."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import optuna
import sqlalchemy.exc
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

from bitjaru import project
from bitjaru.errors import ConfigError, TrackingError
from bitjaru.sweep.study.single_writer import owned

JOURNAL = "journal:"
SQLITE = "sqlite:///"
SECONDS_FOR_OLD_WORKERS = 20.0


def open_storage(address: str | None) -> BaseStorage:
    """Opens a storage; its tables are made once, under a lock, however many sweeps start together.

    Args:
        address: Any SQLAlchemy address, `journal:` and a file, or None for memory only. Relative files lie
            under the project's folder.

    Raises:
        ConfigError: If it cannot be opened.
    """
    if address is None:
        return InMemoryStorage()
    try:
        if address.startswith(JOURNAL):
            return owned(JournalStorage(JournalFileBackend(str(_file(address.removeprefix(JOURNAL))))))
        with filelock.FileLock(_lock_file(address, "schema-" + _digest(address))):
            return owned(optuna.storages.get_storage(RDBStorage(absolute(address))))
    except (sqlalchemy.exc.SQLAlchemyError, OSError, ImportError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"`hydra.sweeper.storage` must be a database that can be opened. Received: {address} ({reason}). "
            f"Write sqlite:///file.db, journal:file.log, another SQLAlchemy address, or null to keep nothing."
        ) from error


def absolute(address: str) -> str:
    """Returns the address with its file, if it names one, as an absolute path."""
    if address.startswith(JOURNAL):
        return f"{JOURNAL}{_file(address.removeprefix(JOURNAL))}"
    if not address.startswith(SQLITE) or address in (SQLITE, f"{SQLITE}:memory:"):
        return address
    return f"{SQLITE}{_file(address.removeprefix(SQLITE))}"


@contextmanager
def ownership(address: str | None, study_name: str) -> Iterator[int | None]:
    """Makes this process the only one that runs a study, for as long as the block lasts.

    The system frees the lock when its last holder is gone, however it went. Workers are given the lock's
    file as well, so a restarted sweep waits until the workers of a killed one have ended.

    Yields:
        The lock's file descriptor, for workers to hold; None for a study in memory.

    Raises:
        TrackingError: If another process runs it.
    """
    if address is None:
        yield None
        return
    held = os.open(_lock_file(address, _digest(f"{address} {study_name}")), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(held, study_name)
        os.ftruncate(held, 0)
        os.pwrite(held, str(os.getpid()).encode(), 0)
        yield held
    finally:
        os.close(held)


def _acquire(held: int, study_name: str) -> None:
    deadline = time.monotonic() + SECONDS_FOR_OLD_WORKERS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(held, 32, 0).decode()
            if _alive(owner) or time.monotonic() > deadline:
                raise TrackingError(
                    f"Only one process may run the study {study_name}. Received: process {owner} or a worker of it "
                    "runs it already. Wait for it, end it, or start another study with hydra.sweeper.study_name=…"
                ) from error
            time.sleep(0.1)
        else:
            return


def local(address: str | None) -> str | None:
    """Returns the address of a plain Hydra program: its relative files lie where it was started."""
    for kind in (JOURNAL, SQLITE):
        if address is not None and address.startswith(kind) and address not in (SQLITE, f"{SQLITE}:memory:"):
            return f"{kind}{Path.cwd() / Path(address.removeprefix(kind)).expanduser()}"
    return address


def _file(name: str) -> Path:
    named = Path(name).expanduser()
    if named.is_absolute():
        return named
    path = project.home() / named
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _lock_file(address: str, name: str) -> str:
    """Locks lie beside the file that they are for, where everybody finds them who finds the file."""
    plain = absolute(address)
    beside = next((plain.removeprefix(kind) for kind in (JOURNAL, SQLITE) if plain.startswith(kind)), "")
    if beside and beside != ":memory:" and Path(beside).parent != project.store():
        folder = Path(beside).parent / ".bitjaru-locks"
        folder.mkdir(exist_ok=True)  # a folder that is missing is a mistake in the address
    else:
        folder = project.store() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{name}.lock")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
