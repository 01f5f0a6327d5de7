"""A stored model's files on this machine."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bitjaru.errors import BundleError
from bitjaru.tracking.store.client import reached
from bitjaru.tracking.store.store import set_environment

DATA = "data"  # the folder of the bundle in an MLflow model


def local_folder(uri: str, source: str) -> Path:
    """Returns the folder itself where this machine has it, else a copy.

    Args:
        uri: Of the store.
        source: Where the files are, as MLflow keeps it.

    Raises:
        BundleError: If the folder is gone.
        TrackingError: If the store does not answer.
    """
    parts = urlsplit(source)
    if parts.scheme in {"", "file"}:
        folder = Path(unquote(parts.path))
        if not (folder / "MLmodel").is_file():
            raise BundleError(f"A stored model's files must exist. Received: {folder}, which has no `MLmodel`.")
        return folder
    set_environment()
    from mlflow.artifacts import download_artifacts

    with reached(uri):
        return Path(os.fspath(download_artifacts(source, tracking_uri=uri)))


def put_beside(uri: str, source: str, file: Path, folder: str | None) -> None:
    """Adds a file to a stored model, where this machine has only a copy of that.

    Args:
        uri: Of the store.
        source: Where the model's files are, as MLflow keeps it.
        file: To add.
        folder: Of the stored model; None for its top.

    Raises:
        TrackingError: If the store does not answer.
    """
    if urlsplit(source).scheme in {"", "file"}:
        return
    set_environment()
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    with reached(uri):
        repository: Any = get_artifact_repository(source, tracking_uri=uri)
        repository.log_artifact(str(file), folder)


def local_file(uri: str, source: str, path: str) -> Path:
    """Returns one file of a stored model, without fetching the others where this machine does not have them.

    Args:
        uri: Of the store.
        source: Where the model's files are, as MLflow keeps it.
        path: Of the file among them.

    Raises:
        BundleError: If it is gone.
        TrackingError: If the store does not answer.
    """
    parts = urlsplit(source)
    if parts.scheme in {"", "file"}:
        file = Path(unquote(parts.path)) / path
        if not file.is_file():
            raise BundleError(f"A stored model's files must exist. Received: {file}, which is none.")
        return file
    set_environment()
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    with reached(uri):
        try:
            return Path(os.fspath(download_artifacts(f"{source.rstrip('/')}/{path}", tracking_uri=uri)))
        except MlflowException as error:
            raise BundleError(f"A stored model's files must exist. Received: {path} of {source}: {error}") from error
