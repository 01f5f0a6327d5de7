"""Whether a store is still the one that a run was told to: a database that was deleted takes records and keeps none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bitjaru.tracking.store.client import NotSent
from bitjaru.tracking.store.store import SQLITE

Identity = tuple[int, int]
_seen: dict[str, Identity] = {}


class Vanished(NotSent):
    """The store does not have what it was told."""


def must_be_there(uri: str, *, told: bool) -> None:
    """Looks at a database file, which this process may hold open after its name has gone.

    A server's is not in reach: it says itself that it has no such run.

    Args:
        uri: Of the store.
        told: Whether it has been told of the run, or of its parent, so that it must exist.

    Raises:
        Vanished: If it was deleted or replaced.
    """
    if not uri.startswith(SQLITE):
        return
    now = _identity(Path(uri.removeprefix(SQLITE)))
    before = _seen.get(uri)
    if now is None and (told or before is not None):
        raise Vanished(f"{uri} was deleted")
    if now is not None and _seen.setdefault(uri, now) != now:
        raise Vanished(f"{uri} was replaced by another file")


@contextmanager
def told_before(uri: str) -> Iterator[None]:
    """Makes `Vanished` of a store's answer that it has no such run.

    Raises:
        Vanished: If the store has lost what it was told.
    """
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise Vanished(f"{uri} has lost the run: {error.message}") from error
        raise


def _identity(database: Path) -> Identity | None:
    try:
        status = database.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino
