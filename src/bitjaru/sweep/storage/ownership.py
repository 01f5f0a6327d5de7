"""Who runs a study: one process on this machine, and one on all that reach the same database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sql

from bitjaru.errors import TrackingError
from bitjaru.sweep.storage import local_lock
from bitjaru.sweep.storage.address import file_behind, is_on_a_server, shown
from bitjaru.sweep.storage.lease import Lease, Owner
from bitjaru.sweep.storage.patience import patiently


@dataclass(frozen=True)
class Ownership:
    """A study that this process owns.

    Attributes:
        lock: The local lock's file descriptor, for workers to hold; None for a study in memory.
        check: Returns while this process may write.
    """

    lock: int | None
    check: Callable[[], None]


@contextmanager
def ownership(address: str | None, study_name: str) -> Iterator[Ownership]:
    """Makes this process the only one that runs a study, for as long as the block lasts.

    Raises:
        TrackingError: If another process runs it.
    """
    if address is None:
        yield Ownership(None, _always)
        return
    with local_lock.held(address, study_name) as lock:
        if not is_on_a_server(address):
            file = file_behind(address)
            yield Ownership(lock, _always if file is None else _Stays(file).check)
            return
        lease = Lease(sql.create_engine(address, pool_pre_ping=True), study_name, Owner.here(lock))
        lease.acquire()
        try:
            yield Ownership(lock, partial(patiently, lambda _: lease.check(), shown(address)))
        finally:
            lease.release()


@dataclass
class _Stays:
    """Refuses to go on writing into a file that has lost its name: whoever deleted it would get none of it."""

    file: Path
    _before: tuple[int, int] | None = None

    def check(self) -> None:
        now = _identity(self.file)
        if self._before is None:
            self._before = now
        if now != self._before:
            raise TrackingError(
                f"A study's file must stay where it is while it is searched. Received: {self.file}, which was deleted "
                "or replaced. The folders of its trials keep their figures: put the file back and run the same "
                "command, or begin anew with another hydra.sweeper.study_name."
            )


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _always() -> None:
    """A lock of the system's own is held for as long as the process lives."""
