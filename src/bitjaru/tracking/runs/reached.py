"""Asking MLflow something that must be answered: its refusals become errors for the user, ours pass as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bitjaru.errors import BitjaruError, TrackingError
from bitjaru.tracking.runs.synchronization import NotSent, explained
from bitjaru.tracking.store.store import open_client

if TYPE_CHECKING:
    from mlflow import MlflowClient


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
