"""The runs of a search, a grid or of named ones, whatever became of them: what they tried and what it cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.best_run import GROUPS, MOST_RUNS
from bitjaru.tracking.registry.candidate import OBJECTIVE, last_ones, rows_of, runs
from bitjaru.tracking.store.client import reached
from bitjaru.tracking.store.run_rows import children

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

MOST_NAMED = 2
TOTAL_SECONDS = ("total_seconds", "seconds")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One run of a group.

    Attributes:
        run_id: Of the run.
        name: Of the run.
        status: `FINISHED`, `KILLED`, `FAILED` or `RUNNING`.
        tags: Of the run.
        metrics: Its last figures.
        seconds: From its start to its end; 0 while it runs.
        started: Milliseconds since 1970.
        rows: Of each part of its data, as far as they are known.
        params: Its config, flat.
    """

    run_id: str
    name: str
    status: str
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    seconds: float
    started: int
    rows: Mapping[str, int]
    params: Mapping[str, str]

    @classmethod
    def of(cls, run: "MlflowRun") -> "Tried":
        """Reads MLflow's run."""
        metrics = run.data.metrics
        told = next((metrics[name] for name in TOTAL_SECONDS if name in metrics), None)
        started, ended = run.info.start_time, run.info.end_time
        lasted = (ended - started) / 1000 if ended else 0.0
        return cls(
            run_id=run.info.run_id,
            name=run.info.run_name,
            status=run.info.status,
            tags=run.data.tags,
            metrics=metrics,
            seconds=told if told is not None else lasted,
            started=started,
            rows=rows_of(run),
            params=run.data.params,
        )

    @property
    def objective(self) -> float | None:
        """What it was judged by in validation."""
        return self.metrics.get(OBJECTIVE)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A search or a grid, or several that are looked at together.

    Attributes:
        run_ids: Of their own runs.
        name: Of their own runs.
        tried: Their runs, the oldest of each first.
    """

    run_ids: tuple[str, ...]
    name: str
    tried: tuple[Tried, ...]


def group(uri: str, run_ids: Sequence[str] = ()) -> Group:
    """Reads searches or grids with all their runs.

    Args:
        uri: Of the store.
        run_ids: Of the groups; none for the last one.

    Raises:
        TrackingError: If there is none, or the store does not answer.
    """
    with reached(uri) as client:
        found = [_named(client, run_id) for run_id in run_ids] or [_last(client)]
        children = [run for each in found for run in reversed(_children(uri, client, each.info.run_id))]
        return Group(
            run_ids=tuple(each.info.run_id for each in found),
            name=_name([str(each.info.run_name) for each in found]),
            tried=tuple(map(Tried.of, children)),
        )


def _children(uri: str, client: Any, run_id: str) -> "Sequence[MlflowRun]":
    """Returns the runs below one, newest first."""
    found = children(uri, run_id, MOST_RUNS)
    return runs(client, f"tags.mlflow.parentRunId = '{run_id}'", MOST_RUNS) if found is None else found


def _name(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} searches"


def _last(client: Any) -> "MlflowRun":
    groups = [run for kind in GROUPS for run in runs(client, f"tags.kind = '{kind}'", 1)]
    if not groups:
        raise TrackingError(
            "There must be a search or a grid. Received: a store without one. Run one first, for example "
            "`bitjaru train sweeps=architectures`."
        )
    return max(groups, key=lambda run: run.info.start_time)


def _named(client: Any, run_id: str) -> "MlflowRun":
    from mlflow.exceptions import MlflowException

    try:
        found: MlflowRun = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            raise
        raise TrackingError(f"A search or grid must exist. Received: {run_id!r}. {last_ones(client)}") from error
    if found.data.tags.get("kind") not in GROUPS:
        raise TrackingError(
            f"A search or grid is wanted. Received: {found.info.run_name!r} ({run_id}), which is a "
            f"{found.data.tags.get('kind', 'run')}. Its parent may be one."
        )
    return found
