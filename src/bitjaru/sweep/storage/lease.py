"""One search at a time on all hosts: a row in the study's own database, held for seconds and renewed.

Leases as in Gray and Cheriton (1989): who holds one may write until its end without asking, and the end comes by itself
when the holder is gone. The database's clock counts, so that the hosts' own may differ.
"""

import logging
import os
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bitjaru.errors import TrackingError

SECONDS = 30.0
RENEWED_EVERY = 5.0
MARGIN = 10.0  # of a lease, in which its holder no longer writes: a statement may take that long to arrive
OWNERS = sql.Table(
    "bitjaru_owners",
    sql.MetaData(),
    sql.Column("study_name", sql.String(512), primary_key=True),
    sql.Column("owner", sql.String(512), nullable=False),
    sql.Column("until", sql.Float(53), nullable=False),
)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Owner:
    """A process that runs a study.

    Attributes:
        host: Its name.
        process: Its number there.
        lock: Which local lock it holds, of which machine: two with the same one exclude each other already.
    """

    host: str
    process: int
    lock: str

    @classmethod
    def here(cls, lock: int) -> "Owner":
        """Describes this process, with its local lock's file descriptor."""
        file = os.fstat(lock)
        return cls(socket.gethostname(), os.getpid(), f"{_machine()}:{file.st_dev}:{file.st_ino}")

    @classmethod
    def read(cls, written: str) -> "Owner":
        """Reads what `str` wrote."""
        host, process, lock = written.split(" ")
        return cls(host, int(process), lock)

    @property
    def said(self) -> str:
        """Names it for people."""
        return f"process {self.process} on {self.host}"

    def __str__(self) -> str:
        return f"{self.host} {self.process} {self.lock}"


@dataclass
class Lease:
    """A study that this process holds, or tries to.

    Attributes:
        engine: Of the database.
        study: Its name.
        owner: This process.
    """

    engine: sql.Engine
    study: str
    owner: Owner
    _until: float = 0.0  # by this process's clock
    _lost_to: str | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    def acquire(self) -> None:
        """Takes the lease; waits for the end of one that nobody renews.

        Raises:
            TrackingError: If another process renews it.
        """
        _make_table(self.engine)
        first = holder = self._take()
        while holder is not None:
            if holder != first:
                raise TrackingError(
                    f"Only one process may run the study {self.study}. Received: {Owner.read(holder[0]).said} "
                    "runs it already. Wait for it, end it, or start another study with "
                    "hydra.sweeper.study_name=…"
                )
            time.sleep(RENEWED_EVERY / 5)
            holder = self._take()
        threading.Thread(target=self._renew_again_and_again, name="lease", daemon=True).start()

    def check(self) -> None:
        """Returns while this process may write; renews first where the lease is about to end.

        Raises:
            TrackingError: If another process has taken the study over.
            SQLAlchemyError: If the database does not answer.
        """
        if self._lost_to is None and time.monotonic() < self._until - MARGIN:
            return
        if self._lost_to is None and self.renew():
            return
        raise TrackingError(
            f"Only one process may write to the study {self.study}. Received: {self._lost_to} took it over while the "
            "database did not answer here. Nothing more was written; the same command goes on once it is free."
        )

    def renew(self) -> bool:
        """Renews the lease; returns False where another process has it."""
        began = time.monotonic()
        with self.engine.begin() as connection:
            mine = (OWNERS.c.study_name == self.study) & (OWNERS.c.owner == str(self.owner))
            done = connection.execute(sql.update(OWNERS).where(mine).values(until=_now(connection) + SECONDS))
            if done.rowcount == 1:
                self._until = began + SECONDS
                return True
            taken = connection.execute(sql.select(OWNERS.c.owner).where(OWNERS.c.study_name == self.study)).scalar()
        self._lost_to = (
            "somebody" if taken is None else f"process {Owner.read(taken).process} on {Owner.read(taken).host}"
        )
        return False

    def release(self) -> None:
        """Gives the lease back."""
        self._ended.set()
        try:
            with self.engine.begin() as connection:
                mine = (OWNERS.c.study_name == self.study) & (OWNERS.c.owner == str(self.owner))
                connection.execute(sql.delete(OWNERS).where(mine))
        except SQLAlchemyError:
            log.info("The study %s is free in %.0f seconds: its database does not answer.", self.study, SECONDS)
        self.engine.dispose()

    def _take(self) -> tuple[str, float] | None:
        """Takes the lease if it is free; returns the holder and the end of his lease if it is not."""
        began = time.monotonic()
        try:
            with self.engine.begin() as connection:
                held = connection.execute(
                    sql.select(OWNERS.c.owner, OWNERS.c.until)
                    .where(OWNERS.c.study_name == self.study)
                    .with_for_update()
                ).one_or_none()
                now = _now(connection)
                if held is not None and held.until > now and Owner.read(held.owner).lock != self.owner.lock:
                    return held.owner, held.until
                values = {"owner": str(self.owner), "until": now + SECONDS}
                if held is None:
                    connection.execute(sql.insert(OWNERS).values(study_name=self.study, **values))
                else:
                    connection.execute(sql.update(OWNERS).where(OWNERS.c.study_name == self.study).values(**values))
        except IntegrityError:  # somebody else was as quick
            return self._take()
        self._until = began + SECONDS
        return None

    def _renew_again_and_again(self) -> None:
        while not self._ended.wait(RENEWED_EVERY):
            try:
                if not self.renew():
                    return
            except SQLAlchemyError as error:  # `check` waits for it, and says so
                log.debug("The lease of %s was not renewed: %s", self.study, error)


def _machine() -> str:
    """Names this machine since its start: hosts made from one image share numbers of devices and files, even names."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return f"{uuid.getnode():x}"


def _now(connection: sql.Connection) -> float:
    """Returns the database's time, in seconds since 1970."""
    return float(connection.execute(sql.select(sql.func.current_timestamp())).scalar_one().timestamp())


def _make_table(engine: sql.Engine) -> None:
    try:
        OWNERS.metadata.create_all(engine)
    except SQLAlchemyError:  # another host was making it
        OWNERS.metadata.create_all(engine)
