"""Which run is put forward: the best of the last search or grid, by what that search or the task calls best."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.best_run import best_of_last_group
from bitjaru.tracking.registry.candidate import candidate


def uri(mlruns: Path) -> str:
    return f"sqlite:///{mlruns}/mlflow.db"


def group(client: MlflowClient, kind: str, start: int, **tags: list[str]) -> str:
    written = {key: json.dumps(names) for key, names in tags.items()}
    return str(client.create_run("0", start, {"kind": kind, **written}, f"{kind} {start}").info.run_id)


def run(
    client: MlflowClient,
    parent: str,
    objective: float,
    *,
    end: str = "FINISHED",
    tags: Mapping[str, str] | None = None,
    **metrics: float,
) -> str:
    made = client.create_run("0", 1, {"kind": "run", "mlflow.parentRunId": parent, **(tags or {})}).info.run_id
    for key, value in {"objective": objective, "test_accuracy": 1 - objective, **metrics}.items():
        client.log_metric(made, key, value)
    model = client.create_logged_model("0", "model", source_run_id=made)
    client.log_outputs(made, [LoggedModelOutput(model.model_id, 0)])
    client.set_terminated(made, end)
    return str(made)


ACCURACY = {"objective": "valid_accuracy", "direction": "maximize"}
LOSS = {"objective": "valid_loss", "direction": "minimize"}


def test_the_best_of_the_last_group_is_found_by_its_validation_part(client: MlflowClient, mlruns: Path) -> None:
    run(client, group(client, "grid", 1), 0.99)
    last = group(client, "grid", 2)
    run(client, last, 0.7, tags=ACCURACY)
    best = run(client, last, 0.9, tags=ACCURACY)
    run(client, last, 0.95, tags=ACCURACY, end="KILLED")
    found = best_of_last_group(uri(mlruns))
    assert (found.run_id, found.parent) == (best, last)


def test_where_the_task_seeks_a_small_loss_the_smallest_is_the_best(client: MlflowClient, mlruns: Path) -> None:
    last = group(client, "grid", 1)
    run(client, last, 5.1, tags=LOSS)
    best = run(client, last, 4.2, tags=LOSS)
    assert best_of_last_group(uri(mlruns)).run_id == best


def test_a_search_is_judged_by_what_it_sought(client: MlflowClient, mlruns: Path) -> None:
    last = group(client, "search", 1, objectives=["valid_loss"], direction=["minimize"])
    run(client, last, 0.9, tags=ACCURACY, best_valid_loss=0.5)
    best = run(client, last, 0.8, tags=ACCURACY, best_valid_loss=0.4, valid_loss=0.6)
    assert best_of_last_group(uri(mlruns)).run_id == best


def test_where_there_is_no_one_figure_a_run_must_be_named(client: MlflowClient, mlruns: Path) -> None:
    mixed = group(client, "grid", 1)
    run(client, mixed, 0.9, tags=ACCURACY)
    run(client, mixed, 4.2, tags=LOSS)
    with pytest.raises(TrackingError, match=r"maximize valid_accuracy, minimize valid_loss.*`--run`"):
        best_of_last_group(uri(mlruns))
    group(client, "search", 2, objectives=["valid_auc", "milliseconds_per_review"], direction=["maximize", "minimize"])
    with pytest.raises(TrackingError, match="maximize valid_auc, minimize milliseconds_per_review"):
        best_of_last_group(uri(mlruns))


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


def test_what_judged_a_run_and_how_many_rows_it_saw_is_read_from_the_store(client: MlflowClient, mlruns: Path) -> None:
    search = group(client, "search", 1, objectives=["test_accuracy"], direction=["maximize"])
    made = run(client, search, 0.9, tags=ACCURACY)
    client.log_param(made, "trainer.early_stopping.monitor", "loss")
    data = Dataset("nsmc", "4a44", "local", "{}", profile='{"num_rows": 50}')
    client.log_inputs(made, [DatasetInput(data, [InputTag("mlflow.data.context", "test")])])
    found = candidate(uri(mlruns), made)
    assert found.judges == ["valid_accuracy", "valid_loss", "test_accuracy"]
    assert found.rows == {"test": 50}


def test_a_store_that_does_not_answer_is_named_with_the_way_on() -> None:
    with pytest.raises(TrackingError, match=r"must answer. Received: http://127.0.0.1:9: no answer.*`tracking.uri=`"):
        candidate("http://127.0.0.1:9", "r")
