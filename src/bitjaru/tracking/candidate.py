"""Runs that left a model: what a promotion needs to know of one, read from MLflow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bitjaru.errors import TrackingError
from bitjaru.tracking.reaching import reached

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

GROUPS_OF_RUNS = ("search", "grid")
SHOWN = 5


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
            raise TrackingError(
                f"A run must exist. Received: {run_id!r}. {_known(_runs(client, _IS_RUN, SHOWN))}"
            ) from error
        return _candidate(client, run)


def best_of_last_group(uri: str, *, direction: str = "maximize") -> Candidate:
    """Reads the best run of the last search or grid, by its objective on the validation part.

    Args:
        uri: Of the store.
        direction: Of the objective: `maximize` or `minimize`.

    Raises:
        TrackingError: If there is none, or the store does not answer.
    """
    with reached(uri) as client:
        groups = [run for kind in GROUPS_OF_RUNS for run in _runs(client, f"tags.kind = '{kind}'", 1)]
        if not groups:
            raise TrackingError(
                "The best run is sought in the last search or grid. Received: there is none. "
                f"Name a run with `--run`. {_known(_runs(client, _IS_RUN, SHOWN))}"
            )
        group = max(groups, key=lambda run: run.info.start_time)
        parent = group.info.run_id
        runs = [
            run
            for run in _runs(client, f"tags.mlflow.parentRunId = '{parent}'", 10_000)
            if run.info.status == "FINISHED" and "objective" in run.data.metrics and _outputs(run)
        ]
        if not runs:
            raise TrackingError(
                f"The last {group.data.tags['kind']} must have a finished run with a model and a validation part. "
                f"Received: {group.info.run_name!r} ({parent}), which has none. Name a run with `--run`."
            )
        sign = 1 if direction == "maximize" else -1
        best = max(runs, key=lambda run: (sign * run.data.metrics["objective"], -run.data.metrics.get("weights", 0)))
        return _candidate(client, best)


def annotate(uri: str, run_id: str, tags: Mapping[str, str]) -> None:
    """Sets tags of a run.

    Raises:
        TrackingError: If the store does not answer.
    """
    with reached(uri) as client:
        for key, value in tags.items():
            client.set_tag(run_id, key, value)


_IS_RUN = "tags.kind = 'run'"


def _runs(client: Any, query: str, number: int) -> "list[MlflowRun]":
    """Newest first, of all experiments."""
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


def _candidate(client: Any, run: "MlflowRun") -> Candidate:
    outputs = _outputs(run)
    if not outputs:
        raise TrackingError(
            f"A run must have left a model. Received: {run.info.run_name!r} ({run.info.run_id}, {run.info.status}), "
            "which left none: it was pruned, failed, or is a search or grid itself."
        )
    model = client.get_logged_model(outputs[-1])
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return Candidate(
        run_id=run.info.run_id,
        name=run.info.run_name,
        status=run.info.status,
        tags=run.data.tags,
        params=run.data.params,
        metrics=run.data.metrics,
        licences=[next((tag.value for tag in each.tags if tag.key == "licence"), "") for each in inputs],
        model_id=model.model_id,
        source=model.artifact_location,
    )


def _outputs(run: "MlflowRun") -> list[str]:
    return [output.model_id for output in run.outputs.model_outputs] if run.outputs else []


def _known(runs: "Sequence[MlflowRun]") -> str:
    if not runs:
        return "There is none yet: `python train.py` makes one."
    return "The last ones: " + ", ".join(f"{run.info.run_id} ({run.info.run_name})" for run in runs) + "."
