"""The runs of a search, read from the database's tables, beside what MLflow's own client says of them."""

import math
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag

from bitjaru.tracking.registry import last_group
from bitjaru.tracking.store import store_check
from bitjaru.tracking.store.run_rows import children


@pytest.fixture
def search(mlruns: Path, client: MlflowClient) -> tuple[str, str]:
    """A store and a search in it: runs that ended and did not, one that was deleted, one whose experiment was."""
    first, second, gone = (client.create_experiment(name) for name in ("한글", "second", "gone"))
    parent = client.create_run(first, run_name="search", tags={"kind": "search"}).info.run_id
    for number, (experiment, status) in enumerate(
        [(first, "FINISHED"), (first, "FAILED"), (second, None), (first, "KILLED"), (gone, "FINISHED")]
    ):
        tags = {"mlflow.parentRunId": parent, "number": str(number), "overrides": "a=가 b='1 2'", "empty": ""}
        run = client.create_run(experiment, start_time=1000 + number // 2, run_name=f"{number} gru", tags=tags)
        _told(client, run.info.run_id, number)
        if status is not None:
            client.set_terminated(run.info.run_id, status, end_time=9_000)
        if status == "KILLED":
            client.delete_run(run.info.run_id)
    client.create_run(first, run_name="another's", tags={"mlflow.parentRunId": "0" * 32})
    client.delete_experiment(gone)
    store_check.note(mlruns / "mlflow.db")
    return f"sqlite:///{mlruns}/mlflow.db", parent


def _told(client: MlflowClient, run: str, number: int) -> None:
    client.log_param(run, "seed", number)
    for step, value in enumerate((0.5, 0.25 + number)):
        client.log_metric(run, "objective", value, step=step)
    client.log_metric(run, "valid_auc", math.nan)
    client.log_metric(run, "train_loss", math.inf)
    parts = [
        DatasetInput(
            Dataset("reviews", f"digest-{part}", "local", "{}", profile=f'{{"num_rows": {rows}}}'),
            [InputTag("mlflow.data.context", part), InputTag("language", "ko")],
        )
        for part, rows in (("train", 900), ("valid", 100))
    ]
    client.log_inputs(run, parts)


def shown(uri: str, parent: str) -> list[dict[str, Any]]:
    """Everything of the group's runs; NaN as text, for it is not equal to itself."""
    runs = [asdict(run) for run in last_group.group(uri, [parent]).tried]
    return [run | {"metrics": {name: str(value) for name, value in run["metrics"].items()}} for run in runs]


def test_what_is_read_is_what_mlflow_says(search: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    ours = shown(*search)
    monkeypatch.setattr(last_group, "children", lambda *_: None)
    theirs = shown(*search)
    assert ours == theirs
    assert ours[-1]["name"] == "2 gru"  # the newest
    assert {run["status"] for run in ours} == {"FINISHED", "FAILED", "RUNNING"}
    assert ours[0]["rows"] == {"train": 900, "valid": 100}


def test_no_more_than_the_newest_are_read(search: tuple[str, str]) -> None:
    uri, parent = search
    assert [run.info.run_name for run in children(uri, parent, 1) or []] == ["2 gru"]
    assert children(uri, "f" * 32, 10) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = 'another'",
        "ALTER TABLE params RENAME COLUMN value TO held",
        "UPDATE experiments SET workspace = 'other' WHERE name = 'second'",
    ],
)
def test_tables_that_are_not_known_are_left_to_mlflow(search: tuple[str, str], change: str) -> None:
    uri, parent = search
    assert children(uri, parent, 10) is not None
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as connection:
        connection.execute(change)
        connection.commit()
    assert children(uri, parent, 10) is None
