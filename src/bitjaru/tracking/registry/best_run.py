"""The best run of the last search or grid, by what that search, or the runs' own task, calls best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.candidate import (
    DIRECTION,
    OBJECTIVE,
    OBJECTIVES,
    Candidate,
    last_ones,
    models,
    names,
    read,
    runs,
)
from bitjaru.tracking.store.client import reached

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

GROUPS = ("search", "grid")
MOST_RUNS = 10_000
BEFORE_THERE_WAS_A_TAG = "maximize"


@dataclass(frozen=True)
class _Aim:
    """A figure and the way in which it gets better."""

    figure: str
    direction: str

    def value(self, run: "MlflowRun") -> float | None:
        """A run's own objective has a name of its own; a figure that has a curve is stored as `kept_…` or `best_…`."""
        metrics = run.data.metrics
        if self.figure == run.data.tags.get(OBJECTIVE, self.figure) and OBJECTIVE in metrics:
            return metrics[OBJECTIVE]
        names = (f"kept_{self.figure}", f"best_{self.figure}", self.figure)
        return next((metrics[name] for name in names if name in metrics), None)

    def gain(self, run: "MlflowRun") -> float:
        """More is better, whatever the direction."""
        value = self.value(run) or 0.0
        return value if self.direction == "maximize" else -value


def best_of_last_group(uri: str) -> Candidate:
    """Reads the best run of the last search or grid; of equal ones the smallest.

    Raises:
        TrackingError: If there is none, or it is not clear which is best, or the store does not answer.
    """
    with reached(uri) as client:
        group = _last_group(client, "Name a run with `--run`.")
        finished = _finished(client, group)
        aim = _aim(group, finished)
        judged = [run for run in finished if aim.value(run) is not None]
        if not judged:
            raise TrackingError(
                f"The last {group.data.tags['kind']} must have a finished run with a model and a validation part. "
                f"Received: {group.info.run_name!r} ({group.info.run_id}), which has none. Name a run with `--run`."
            )
        best = max(judged, key=lambda run: (aim.gain(run), -run.data.metrics.get("weights", 0)))
        return read(client, best)


def all_of_last_group(uri: str) -> list[Candidate]:
    """Reads the finished runs with a model of the last search or grid, the oldest first.

    Raises:
        TrackingError: If there is no search or grid, or the store does not answer.
    """
    with reached(uri) as client:
        group = _last_group(client, "Name runs with `--runs`.")
        return [read(client, run, parent=group) for run in reversed(_finished(client, group))]


def _finished(client: Any, group: "MlflowRun") -> "list[MlflowRun]":
    children = runs(client, f"tags.mlflow.parentRunId = '{group.info.run_id}'", MOST_RUNS)
    return [run for run in children if run.info.status == "FINISHED" and models(run)]


def _last_group(client: Any, otherwise: str) -> "MlflowRun":
    groups = [run for kind in GROUPS for run in runs(client, f"tags.kind = '{kind}'", 1)]
    if not groups:
        raise TrackingError(
            f"Without a name the last search or grid is taken. Received: there is none. {otherwise} {last_ones(client)}"
        )
    return max(groups, key=lambda run: run.info.start_time)


def _aim(group: "MlflowRun", children: "Sequence[MlflowRun]") -> _Aim:
    """A search says what it sought; the runs of a grid say what their task seeks."""
    figures, directions = names(group.data.tags.get(OBJECTIVES)), names(group.data.tags.get(DIRECTION))
    if figures and len(figures) == len(directions):
        aims = {_Aim(*pair) for pair in zip(figures, directions, strict=True)}
    else:
        tags = [run.data.tags for run in children]
        aims = {_Aim(each.get(OBJECTIVE, OBJECTIVE), each.get(DIRECTION, BEFORE_THERE_WAS_A_TAG)) for each in tags}
    if len(aims) > 1:
        known = ", ".join(sorted(f"{aim.direction} {aim.figure}" for aim in aims))
        raise TrackingError(
            f"The best run is sought by one figure. Received: {known}, in {group.info.run_name!r}. "
            "Its comparison shows the runs (`bitjaru ui`): name one with `--run`."
        )
    return next(iter(aims), _Aim(OBJECTIVE, BEFORE_THERE_WAS_A_TAG))
