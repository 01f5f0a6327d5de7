"""Which process is at a run: one at a time, and the system knows when it dies."""

from pathlib import Path

from filelock import FileLock, Timeout

from bitjaru.errors import TrackingError
from bitjaru.tracking.runs.journal import FOLDER


def take(folder: Path) -> FileLock:
    """Takes a run's folder for this process. The system lets go of the lock when the process dies, however it dies.

    Raises:
        TrackingError: If another process has it, or it cannot be written.
    """
    lock = FileLock(folder / FOLDER / "alive.lock")
    try:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise TrackingError(
            f"One process at a time can be at a run. Received: {folder}, which another one is at. Wait for it to end."
        ) from error
    except OSError as error:
        raise TrackingError(
            f"A run's folder must be writable. Received: {folder}: {error}. Choose another with `hydra.run.dir=`."
        ) from error
    return lock


def is_alive(folder: Path) -> bool:
    """Tells whether a process is at a run. A process that was killed is not."""
    try:
        take(folder).release()
    except TrackingError:
        return True
    return False
