"""Which run is put forward: the best of the last search or grid, by the validation part."""

from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput

from bitjaru.errors import TrackingError
from bitjaru.tracking.candidate import best_of_last_group, candidate


def uri(mlruns: Path) -> str:
    return f"sqlite:///{mlruns}/mlflow.db"


def group(client: MlflowClient, kind: str, start: int) -> str:
    return str(client.create_run("0", start, {"kind": kind}, f"{kind} {start}").info.run_id)


def run(client: MlflowClient, parent: str, objective: float, *, weights: int = 10, end: str = "FINISHED") -> str:
    made = client.create_run("0", 1, {"kind": "run", "mlflow.parentRunId": parent}).info.run_id
    client.log_metric(made, "objective", objective)
    client.log_metric(made, "weights", weights)
    client.log_metric(made, "test_accuracy", 1 - objective)
    model = client.create_logged_model("0", "model", source_run_id=made)
    client.log_outputs(made, [LoggedModelOutput(model.model_id, 0)])
    client.set_terminated(made, end)
    return str(made)


def test_the_best_of_the_last_group_is_found_by_its_validation_part(client: MlflowClient, mlruns: Path) -> None:
    run(client, group(client, "grid", 1), 0.99)
    last = group(client, "search", 2)
    run(client, last, 0.7)
    best = run(client, last, 0.9)
    run(client, last, 0.95, end="KILLED")
    found = best_of_last_group(uri(mlruns))
    assert (found.run_id, found.parent) == (best, last)
    assert best_of_last_group(uri(mlruns), direction="minimize").metrics["objective"] == 0.7


def test_of_equal_runs_the_smaller_is_put_forward(client: MlflowClient, mlruns: Path) -> None:
    last = group(client, "grid", 1)
    run(client, last, 0.9, weights=20)
    small = run(client, last, 0.9, weights=10)
    assert best_of_last_group(uri(mlruns)).run_id == small


def test_a_group_without_a_finished_run_says_so(client: MlflowClient, mlruns: Path) -> None:
    last = group(client, "grid", 1)
    with pytest.raises(TrackingError, match=rf"grid 1.*{last}"):
        best_of_last_group(uri(mlruns))


def test_a_run_without_a_model_is_refused(client: MlflowClient, mlruns: Path) -> None:
    with pytest.raises(TrackingError, match="must have left a model"):
        candidate(uri(mlruns), group(client, "grid", 1))
