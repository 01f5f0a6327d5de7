"""One search at a time on this machine: a lock that the system frees when its last holder is gone."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bitjaru import project
from bitjaru.errors import TrackingError
from bitjaru.sweep.storage.address import file_behind

SECONDS_FOR_OLD_WORKERS = 20.0


@contextmanager
def held(address: str, study_name: str) -> Iterator[int]:
    """Holds the lock of a study for as long as the block lasts.

    Workers are given the lock's file as well, so a restarted sweep waits until the workers of a killed one have ended.

    Yields:
        The lock's file descriptor, for workers to hold.

    Raises:
        TrackingError: If another process holds it.
    """
    file = lock_file(address, hashlib.sha256(f"{address} {study_name}".encode()).hexdigest()[:16])
    lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(lock, study_name)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def lock_file(address: str, name: str) -> str:
    """Returns where a lock lies: beside the file that it is for, where everybody finds it who finds the file."""
    beside = file_behind(address)
    if beside is not None and beside.parent != project.store():
        folder = beside.parent / ".bitjaru-locks"
        folder.mkdir(exist_ok=True)  # a folder that is missing is a mistake in the address
    else:
        folder = project.store() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{name}.lock")


def _acquire(lock: int, study_name: str) -> None:
    deadline = time.monotonic() + SECONDS_FOR_OLD_WORKERS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(lock, 32, 0).decode()
            if _alive(owner) or time.monotonic() > deadline:
                raise TrackingError(
                    f"Only one process may run the study {study_name}. Received: process {owner} or a worker of it "
                    "runs it already. Wait for it, end it, or start another study with hydra.sweeper.study_name=…"
                ) from error
            time.sleep(0.1)
        else:
            return


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
