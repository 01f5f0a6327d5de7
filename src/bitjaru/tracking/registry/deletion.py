"""Runs that are deleted: marked in MLflow, so that a mistake can be undone until its garbage collection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.best_run import MOST_RUNS
from bitjaru.tracking.registry.candidate import runs
from bitjaru.tracking.registry.last_group import Tried
from bitjaru.tracking.registry.registry import Registry
from bitjaru.tracking.store.client import reached


@dataclass(frozen=True)
class Doomed:
    """Runs that would be deleted.

    Attributes:
        runs: All of them, parents before their children.
        kept: Why some of them cannot be deleted, by run id.
    """

    runs: Sequence[Tried]
    kept: dict[str, str]


def doomed(uri: str, named: Iterable[Tried]) -> Doomed:
    """Adds the children of parents, and finds what must stay: registered models, and runs that are going on.

    Raises:
        TrackingError: If the store does not answer.
    """
    registry = Registry(uri)
    registered = {version.run_id: str(version) for name in registry.names() for version in registry.versions(name)}
    with reached(uri) as client:
        whole = {each.run_id: each for run in named for each in (run, *_below(client, run))}
    kept = {run_id: f"{registered[run_id]} is made of it" for run_id in whole if run_id in registered}
    kept |= {run_id: "it is going on" for run_id, run in whole.items() if run.status == "RUNNING"}
    return Doomed(list(whole.values()), kept)


def delete(uri: str, run_ids: Iterable[str]) -> None:
    """Marks runs as deleted; MLflow's garbage collection removes them for good.

    Raises:
        TrackingError: If the store does not answer.
    """
    with reached(uri) as client:
        for run_id in run_ids:
            client.delete_run(run_id)


def restore(uri: str, run_id: str) -> bool:
    """Takes a deletion back; returns whether there was one.

    Raises:
        TrackingError: If there is no such run any more, or the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    with reached(uri) as client:
        try:
            if client.get_run(run_id).info.lifecycle_stage == "active":
                return False
            client.restore_run(run_id)
        except MlflowException as error:
            if error.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                raise
            raise TrackingError(f"A deleted run must exist. Received: {run_id!r}. It may be gone for good.") from error
    return True


def _below(client: Any, run: Tried) -> list[Tried]:
    found = runs(client, f"tags.mlflow.parentRunId = '{run.run_id}'", MOST_RUNS)
    return [Tried.of(each) for each in found]
