"""Reaching MLflow: a database file of our own, or a server that may be away."""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from filelock import FileLock

from bitjaru.errors import TrackingError

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"
ANSWER_SECONDS = 2.0
PROBE_BYTES = 1 << 20

# MLflow's own patience with an absent server is four minutes a call: a training cannot wait for that.
ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_LOGGING_LEVEL": "WARNING",
    }
)


def open_client(uri: str) -> "MlflowClient":
    """Opens the store at `uri`.

    Raises:
        OSError: If a server does not answer.
        mlflow.exceptions.MlflowException: If the store cannot be used.
    """
    if not uri.startswith(SQLITE):
        _must_answer(uri)
    return _client(uri)


def _must_answer(uri: str) -> None:
    """Asks for any answer at all, with less patience than MLflow's client has."""
    import requests

    try:
        requests.get(f"{uri.rstrip('/')}/health", timeout=ANSWER_SECONDS)
    except requests.RequestException as error:
        raise ConnectionError(f"no answer within {ANSWER_SECONDS:.0f} s") from error


@cache
def _client(uri: str) -> "MlflowClient":
    set_environment()
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def set_environment() -> None:
    """Sets what MLflow reads when it is imported; what the user set stays."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def import_mlflow() -> None:
    """Imports what runs are sent with: a second, for those who have one to spare before their first run."""
    set_environment()
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401 - a server's client comes with it


def experiment_id(client: "MlflowClient", name: str, artifact_root: str | None) -> str:
    """Finds an experiment, or creates it.

    Args:
        client: Of an open store.
        name: Of the experiment.
        artifact_root: Folder for the artifacts of a new experiment; None leaves that to the server.

    Raises:
        TrackingError: If the experiment was deleted, or its artifacts are out of reach.
    """
    from mlflow.exceptions import MlflowException

    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        location = None if artifact_root is None else Path(artifact_root, quote(name, safe=" ")).as_uri()
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        experiment = client.get_experiment_by_name(name)
    if experiment is None or experiment.lifecycle_stage != "active":
        raise TrackingError(
            f"An experiment must be active to take runs. Received: {name!r}, which was deleted. "
            "Restore it with `mlflow experiments restore`, or choose another with `tracking.experiment=`."
        )
    if artifact_root is not None and experiment.artifact_location.startswith("mlflow-artifacts:"):
        raise TrackingError(
            f"An experiment in a database file must keep its artifacts in a folder. Received: {name!r}, which was made "
            "over a server and keeps them there. Choose another with `tracking.experiment=`, or `tracking=server`."
        )
    return str(experiment.experiment_id)


def is_missing(uri: str) -> bool:
    """Tells whether a store of our own has no database yet, or no more."""
    return uri.startswith(SQLITE) and not Path(uri.removeprefix(SQLITE)).exists()


def prepare_files(uri: str, artifact_root: str) -> None:
    """Makes sure that a store of our own can be written, and creates its database if there is none.

    MLflow creates its tables in many steps, and processes that start together on a fresh database trip over
    each other's. So one of them builds the database under a lock and another name, and it appears complete.

    Raises:
        TrackingError: If the folders or the database cannot be written.
    """
    database = Path(uri.removeprefix(SQLITE))
    try:
        for folder in (database.parent, Path(artifact_root)):
            _must_take_bytes(folder)
        with FileLock(f"{database}.lock"):
            if not database.exists():
                _create(database, artifact_root)
        _must_take_rows(database)
    except (OSError, sqlite3.Error) as error:
        raise TrackingError(
            f"The tracking store must be writable. Received: {database}: {error}. Make room or mend the permissions, "
            "name another place with BITJARU_HOME= or `tracking.uri=`, or do without: `tracking=off`."
        ) from error


def _must_take_bytes(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(PROBE_BYTES))
        file.flush()
        os.fsync(file.fileno())


def _must_take_rows(database: Path) -> None:
    connection = sqlite3.connect(database, timeout=20, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def _create(database: Path, artifact_root: str) -> None:
    set_environment()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # Its sixty migrations are told one by one otherwise.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    unfinished = database.with_name(f".{database.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    store = SqlAlchemyStore(f"{SQLITE}{unfinished}", Path(artifact_root).as_uri())  # type: ignore[no-untyped-call]
    store.engine.dispose()
    unfinished.replace(database)
