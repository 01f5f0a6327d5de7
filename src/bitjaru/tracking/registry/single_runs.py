"""Single runs, looked up by id or as the last of a kind: their tags, curves and data."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bitjaru.errors import ConfigError, TrackingError
from bitjaru.tracking.registry.candidate import last_ones, runs
from bitjaru.tracking.registry.last_group import Tried
from bitjaru.tracking.store.client import reached


@dataclass(frozen=True)
class Profile:
    """One part of a run's data.

    Attributes:
        rows: How many reviews it has.
        labels: How many of each class; empty where the run did not tell.
        characters: Of its reviews: `median`, `95 %` and `longest`; empty where the run did not tell.
    """

    rows: int
    labels: Mapping[str, int]
    characters: Mapping[str, float]


@dataclass(frozen=True)
class DataInput:
    """The data of a run.

    Attributes:
        parts: By name.
        about: `name`, `language`, `licence` and `sha256`.
    """

    parts: Mapping[str, Profile]
    about: Mapping[str, str]


def named(uri: str, run_id: str) -> Tried:
    """Reads a run of any kind.

    Raises:
        TrackingError: If there is none, or the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    with reached(uri) as client:
        try:
            return Tried.of(client.get_run(run_id))
        except MlflowException as error:
            if error.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                raise
            raise TrackingError(f"A run must exist. Received: {run_id!r}. {last_ones(client)}") from error


def found(uri: str, where: str, limit: int) -> list[Tried]:
    """Finds runs of any kind, the newest first.

    Args:
        uri: Of the store.
        where: MLflow's filter, as in `metrics.test_accuracy > 0.8 and tags.dataset = 'nsmc'`; empty for all.
        limit: At most so many.

    Raises:
        ConfigError: If the filter cannot be read.
        TrackingError: If the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    with reached(uri) as client:
        try:
            return [Tried.of(run) for run in runs(client, where, limit)]
        except MlflowException as error:
            if error.error_code != "INVALID_PARAMETER_VALUE":
                raise
            raise ConfigError(
                f"`--where` must be a filter of MLflow's. Received: {where!r}: {str(error).splitlines()[0]} Write, for "
                "example, `metrics.test_accuracy > 0.8 and tags.dataset = 'nsmc'`."
            ) from error


def last_of(uri: str, kinds: Sequence[str]) -> Tried | None:
    """Reads the newest run of some kinds; None where there is none."""
    with reached(uri) as client:
        found = [run for kind in kinds for run in runs(client, f"tags.kind = '{kind}'", 1)]
        return Tried.of(max(found, key=lambda run: run.info.start_time)) if found else None


def curves(uri: str, run_ids: Iterable[str], metric: str) -> dict[str, list[float]]:
    """Reads one figure of some runs, epoch by epoch."""
    with reached(uri) as client:
        points = {run_id: client.get_metric_history(run_id, metric) for run_id in run_ids}
    return {
        run_id: [point.value for point in sorted(its, key=lambda point: point.step)] for run_id, its in points.items()
    }


def data_of(uri: str, run_id: str) -> DataInput:
    """Reads what a run has learned from."""
    with reached(uri) as client:
        run = client.get_run(run_id)
    parts, about = {}, {}
    for each in run.inputs.dataset_inputs if run.inputs else []:
        tags = {tag.key: tag.value for tag in each.tags}
        told = json.loads(each.dataset.profile or "{}")
        parts[tags.get("mlflow.data.context", "")] = Profile(
            int(told.get("num_rows", 0)), told.get("labels", {}), told.get("characters", {})
        )
        about = {"name": each.dataset.name} | {key: tags.get(key, "") for key in ("language", "licence", "sha256")}
    return DataInput(parts, about)
