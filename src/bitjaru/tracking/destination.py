"""Where runs are tracked: the options of `conf/tracking`."""

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from bitjaru import formats
from bitjaru.errors import ConfigError, TrackingError
from bitjaru.files import write_text
from bitjaru.options import part
from bitjaru.tracking.runs import mlflow_values, provenance
from bitjaru.tracking.runs.journal import FOLDER, Journal
from bitjaru.tracking.runs.operations import Start
from bitjaru.tracking.runs.run import Run, now
from bitjaru.tracking.runs.synchronization import first, is_held_back
from bitjaru.tracking.store import store, store_check
from bitjaru.tracking.store.client import NotSent, explained


def _none_if_empty(value: str | None) -> str | None:
    """An environment variable can be empty and cannot be null."""
    return value or None


@part
class Tracking:
    """A store of runs: a database file of our own, a server, or none.

    Attributes:
        uri: `sqlite:///` and an absolute path, or a server's `http://` address; None tracks nothing.
        experiment: Name of the experiment; None names it after the data set, because figures on different
            data have nothing to compare.
        artifact_root: Absolute folder for artifacts; None leaves the place to the server.
        parent: Folder of the grid's or search's own run; None for a run of its own.
    """

    uri: str | None
    experiment: str | None
    artifact_root: str | None
    parent: Annotated[str | None, BeforeValidator(_none_if_empty)]

    def __post_init__(self) -> None:
        if self.uri is None:
            return
        if self.uri.startswith(store.SQLITE):
            self._check_files()
        elif urlsplit(self.uri).scheme not in {"http", "https"} or not urlsplit(self.uri).netloc:
            raise ConfigError(
                "`tracking.uri` must be `sqlite:///` and an absolute path, `http://host:port`, `https://…`, or null. "
                f"Received: {self.uri!r}. Choose `tracking=local`, `tracking=server` or `tracking=off`."
            )
        elif urlsplit(self.uri).password:
            raise ConfigError(
                "`tracking.uri` must hold no password, since configs are kept beside every run. Received: one for "
                f"{urlsplit(self.uri).hostname}. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
            )

    def _check_files(self) -> None:
        database = str(self.uri).removeprefix(store.SQLITE)
        if not Path(database).is_absolute():
            raise ConfigError(
                f"`tracking.uri` must name an absolute path, since runs start in different folders. Received: "
                f"{self.uri!r}. Write `sqlite:////absolute/path/mlflow.db`."
            )
        if self.artifact_root is None or not Path(self.artifact_root).is_absolute():
            raise ConfigError(
                "`tracking.artifact_root` must be an absolute folder for a database file. Received: "
                f"{self.artifact_root!r}. Write `tracking.artifact_root=/absolute/path/artifacts`."
            )

    def prepare(self, experiment: str) -> None:
        """Makes a store of our own ready before any work starts; safe in many processes at once.

        A server needs no preparation, and may be away: the runs themselves say so.

        Args:
            experiment: The data set's name, used where the config names no experiment.

        Raises:
            TrackingError: If a store of our own cannot take runs now.
        """
        if self.uri is None or not self.uri.startswith(store.SQLITE) or is_held_back():
            return
        database, name = Path(self.uri.removeprefix(store.SQLITE)), self._experiment(experiment)
        if self.parent is not None and store.is_missing(self.uri):
            return  # it vanished: its run says so and is kept, and no store without its parent is made in its place
        store.prepare_files(self.uri, str(self.artifact_root))
        if store_check.is_in_order(database, name):
            return
        try:
            with explained(self.uri):
                store.experiment_id(store.open_client(self.uri), name, self.artifact_root)
                store_check.note(database)
        except NotSent as error:
            raise TrackingError(
                f"The tracking store must open. Received: {error} Mend that, name another database with "
                "`tracking.uri=`, or do without: `tracking=off`."
            ) from error

    def start(
        self,
        folder: Path,
        *,
        name: str,
        kind: str,
        experiment: str,
        config: Mapping[str, Any],
        tags: Mapping[str, Any],
    ) -> Run:
        """Starts a run.

        Args:
            folder: Of the run; must hold no run yet.
            name: For people.
            kind: `run`, `grid` or `search`.
            experiment: The data set's name, used where the config names no experiment.
            config: Logged flat as params.
            tags: `seed`, `number`, `overrides`, `mlflow.note.content`, …; None is left out.

        Raises:
            TrackingError: If the folder holds a run already, or cannot be written, or the parent holds none.
        """
        run = Run(folder, may_wait=kind == "run")  # a parent is sent before its runs, which ask for its id
        if Journal(folder).path.exists():
            raise TrackingError(f"A run's folder must be new. Received: {folder}, which holds one. Choose another.")
        run.begin(
            Start(
                time=now(),
                format=formats.RUN,
                uri=self.uri,
                artifact_root=self.artifact_root,
                experiment=self._experiment(experiment),
                name=name,
                key=uuid.uuid4().hex,
                parent=None if self.parent is None else os.path.relpath(self.parent, folder),
                tags=mlflow_values.tags({**provenance.tags(), "kind": kind, "folder": str(folder.resolve()), **tags}),
                params=mlflow_values.params(config),
            )
        )
        environment = folder / FOLDER / "environment"
        write_text(environment / "packages.txt", provenance.packages())
        run.artifacts(environment, "environment")
        return run

    def _experiment(self, of_data: str) -> str:
        """A run with a parent goes where its parent is, or MLflow would not show the two as one tree."""
        if self.parent is not None:
            return first(Journal(Path(self.parent))).experiment
        return self.experiment or of_data


def store_of(tracking: Tracking) -> str:
    """Returns where runs are tracked.

    Raises:
        ConfigError: If they are not.
    """
    if tracking.uri is None:
        raise ConfigError(
            "A registry needs a tracking store. Received: tracking.uri=null. Choose `tracking=local` or "
            "`tracking=server`."
        )
    return tracking.uri
