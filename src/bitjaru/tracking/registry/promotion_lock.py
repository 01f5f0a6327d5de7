"""One promotion at a time on this machine."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bitjaru import project
from bitjaru.errors import TrackingError
from bitjaru.tracking.store.store import SQLITE

LOCK_SECONDS = 60.0


@contextmanager
def one_at_a_time(uri: str) -> Iterator[None]:
    """Keeps other promotions out.

    Args:
        uri: Of the store.

    Raises:
        TrackingError: If another one takes too long.
    """
    lock = _lock(uri)
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout as error:
        raise TrackingError(
            f"One promotion at a time can change the registry. Received: another one has held {lock.lock_file} for "
            f"{LOCK_SECONDS:.0f} s. Wait for it to end."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _lock(uri: str) -> FileLock:
    """Beside the database; for a server, in the project."""
    if uri.startswith(SQLITE):
        return FileLock(f"{uri.removeprefix(SQLITE)}.promotion.lock")
    name = hashlib.sha256(uri.encode()).hexdigest()[:12]
    path = Path(project.store(), f"promotion-{name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)
