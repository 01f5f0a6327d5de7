"""Talking to MLflow: every way in which a store can fail becomes an error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bitjaru.errors import BitjaruError, TrackingError
from bitjaru.tracking.store.store import is_missing, open_client

if TYPE_CHECKING:
    from mlflow import MlflowClient


class NotSent(TrackingError):  # noqa: N818 - it is a state as much as an error
    """MLflow cannot be told now. The journal keeps what it does not have."""


@contextmanager
def reached(uri: str) -> "Iterator[MlflowClient]":
    """Opens the store.

    Raises:
        TrackingError: If it does not answer or refuses.
    """
    own: list[BitjaruError] = []
    try:
        with explained(uri):
            try:
                yield open_client(uri)
            except BitjaruError as error:
                own.append(error)
    except NotSent as error:
        raise TrackingError(
            f"The tracking store must answer. Received: {error}. Start or mend it, or name another: `tracking.uri=`."
        ) from error
    if own:
        raise own[0]


@contextmanager
def explained(uri: str) -> Iterator[None]:
    """Makes `NotSent` of every way in which a store can fail."""
    try:
        yield
    except NotSent:
        raise
    except (OSError, TrackingError) as error:
        raise NotSent(f"{uri}: {_sentence(error)}") from error
    except _refusals() as error:
        raise NotSent(f"{uri}: {_sentence(error)}") from error


def has_run(uri: str, run_id: str) -> bool:
    """Returns whether a store has a run, deleted ones included.

    Raises:
        TrackingError: If it does not answer.
    """
    if is_missing(uri):
        return False  # and MLflow would make one, table by table
    with reached(uri) as client:
        from mlflow.exceptions import MlflowException

        try:
            client.get_run(run_id)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise
    return True


def figures_of(uri: str, run_id: str) -> dict[str, float]:
    """Returns the last value of each metric of a run.

    Raises:
        TrackingError: If the store does not answer, or has no such run.
    """
    with reached(uri) as client:
        return dict(client.get_run(run_id).data.metrics)


def _refusals() -> tuple[type[Exception], ...]:
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError


def _sentence(error: Exception) -> str:
    """The first line of an error, which may go on for a page."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
