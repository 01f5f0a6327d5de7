"""Runs that left a model: what a promotion needs to know of one, read from MLflow."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bitjaru.errors import TrackingError
from bitjaru.tracking.store.client import reached

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput
    from mlflow.entities import Run as MlflowRun

SHOWN = 5
IS_RUN = "tags.kind = 'run'"
OBJECTIVE, OBJECTIVES, DIRECTION = "objective", "objectives", "direction"
MONITOR = "trainer.early_stopping.monitor"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A run with a model.

    Attributes:
        run_id: Of the run.
        name: Of the run.
        status: `FINISHED`, ….
        tags: Of the run.
        params: Its config, flat.
        metrics: Its last figures.
        licences: Of each data input; empty strings where none was noted.
        rows: Of each part of its data, as far as they are known.
        judges: The figures that the run was stopped and chosen by, and those of the search that it belongs to.
        model_id: Of the logged model.
        source: Where the model's files are.
    """

    run_id: str
    name: str
    status: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    licences: Sequence[str]
    rows: Mapping[str, int]
    judges: Sequence[str]
    model_id: str
    source: str

    @property
    def parent(self) -> str | None:
        """Id of the search or grid that it belongs to."""
        return self.tags.get("mlflow.parentRunId")


def candidate(uri: str, run_id: str) -> Candidate:
    """Reads one run.

    Raises:
        TrackingError: If there is no such run, or it left no model, or the store does not answer.
    """
    from mlflow.exceptions import MlflowException

    with reached(uri) as client:
        try:
            run = client.get_run(run_id)
        except MlflowException as error:
            if error.error_code not in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                raise
            raise TrackingError(f"A run must exist. Received: {run_id!r}. {last_ones(client)}") from error
        return read(client, run)


def annotate(uri: str, run_id: str, tags: Mapping[str, str]) -> None:
    """Sets tags of a run.

    Raises:
        TrackingError: If the store does not answer.
    """
    with reached(uri) as client:
        for key, value in tags.items():
            client.set_tag(run_id, key, value)


def runs(client: Any, query: str, number: int) -> "list[MlflowRun]":
    """Returns so many runs of all experiments, newest first."""
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    found: list[MlflowRun] = []
    token = None
    while len(found) < number:
        page = client.search_runs(
            experiments,
            query,
            max_results=min(number, 1_000),
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        found += page
        token = page.token
        if not token:
            break
    return found[:number]


def read(client: Any, run: "MlflowRun", *, parent: "MlflowRun | None" = None) -> Candidate:
    """Reads a run with its model.

    Args:
        client: Of the store.
        run: With a model.
        parent: The search or grid that it belongs to, where it was read before; of a thousand runs it is one.

    Raises:
        TrackingError: If it left none.
    """
    outputs = models(run)
    if not outputs:
        raise TrackingError(
            f"A run must have left a model. Received: {run.info.run_name!r} ({run.info.run_id}, {run.info.status}), "
            "which left none: it was pruned, failed, or is a search or grid itself."
        )
    model = client.get_logged_model(outputs[-1])
    return Candidate(
        run_id=run.info.run_id,
        name=run.info.run_name,
        status=run.info.status,
        tags=run.data.tags,
        params=run.data.params,
        metrics=run.data.metrics,
        licences=[_tag(each, "licence") for each in _inputs(run)],
        rows=rows_of(run),
        judges=_judges(client, run, parent),
        model_id=model.model_id,
        source=model.artifact_location,
    )


def models(run: "MlflowRun") -> list[str]:
    """Returns the ids of the models that a run left."""
    return [output.model_id for output in run.outputs.model_outputs] if run.outputs else []


def rows_of(run: "MlflowRun") -> dict[str, int]:
    """Returns how many rows each part of a run's data has, as far as they were noted."""
    return {_tag(each, "mlflow.data.context"): _rows(each) for each in _inputs(run)}


def last_ones(client: Any) -> str:
    """Names the last runs, for an error to end with."""
    found = runs(client, IS_RUN, SHOWN)
    if not found:
        return "There is none yet: `bitjaru train` makes one."
    return "The last ones: " + ", ".join(f"{run.info.run_id} ({run.info.run_name})" for run in found) + "."


def names(written: str | None) -> list[str]:
    """Reads a tag that holds a name or, as JSON, several."""
    if not written:
        return []
    read_back = json.loads(written) if written.startswith("[") else written
    return [read_back] if isinstance(read_back, str) else [str(name) for name in read_back]


def _judges(client: Any, run: "MlflowRun", parent: "MlflowRun | None") -> list[str]:
    parent_id = run.data.tags.get("mlflow.parentRunId")
    if parent is None and parent_id:
        parent = client.get_run(parent_id)
    of_parent = parent.data.tags.get(OBJECTIVES) if parent else None
    # Where there was no validation part the run has an objective and no value of it.
    own = names(run.data.tags.get(OBJECTIVE)) if OBJECTIVE in run.data.metrics else []
    monitor = run.data.params.get(MONITOR) if own else None
    watched = {None: [], OBJECTIVE: own, "loss": ["valid_loss"]}.get(monitor, names(monitor))
    return list(dict.fromkeys([*own, *watched, *names(of_parent)]))


def _inputs(run: "MlflowRun") -> "Sequence[DatasetInput]":
    return run.inputs.dataset_inputs if run.inputs else []


def _tag(data: "DatasetInput", key: str) -> str:
    return next((str(tag.value) for tag in data.tags if tag.key == key), "")


def _rows(data: "DatasetInput") -> int:
    return int(json.loads(data.dataset.profile or "{}").get("num_rows", 0))
