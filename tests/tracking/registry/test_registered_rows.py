"""Registered models, read from the database's tables, beside what MLflow's own client says of them."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from tiny_model import save_served

from bitjaru.commands.model.registered_model import model_folder
from bitjaru.tracking.registry.reference import ReadAtOnce, find_at_once
from bitjaru.tracking.registry.registry import Registry
from bitjaru.tracking.store import store_check
from bitjaru.tracking.store.registered_rows import registered_rows

NAMES = ("beta", "alpha", "내 model")


@pytest.fixture
def uri(mlruns: Path, client: MlflowClient) -> str:
    """A store with models, versions that were deleted, aliases that moved, and a prompt."""
    for name in NAMES:
        client.create_registered_model(name, tags={"history": "x"})
        for number in range(1, 12):
            client.create_model_version(name, f"file:///{number}", tags={"manifest_sha256": f"{number}", "빈": ""})
        client.set_registered_model_alias(name, "champion", "2")
        client.set_registered_model_alias(name, "champion", "11")
        client.set_registered_model_alias(name, "previous", "2")
        client.set_registered_model_alias(name, "challenger", "5")
        client.delete_model_version(name, "5")
    client.update_model_version("beta", "3", "described")
    client.create_registered_model("empty")
    client.register_prompt("asked", "Is this good? {{text}}")
    store_check.note(mlruns / "mlflow.db")
    return f"sqlite:///{mlruns}/mlflow.db"


def test_what_is_read_is_what_mlflow_says(uri: str) -> None:
    rows = registered_rows(uri)
    assert rows is not None
    ours, theirs = ReadAtOnce(rows), Registry(uri)
    assert ours.names() == theirs.names() == sorted((*NAMES, "empty"))
    for name in theirs.names():
        assert list(ours.versions(name)) == theirs.versions(name)
    assert ours.versions("alpha")[-1].aliases == ("champion",)


def test_a_champion_is_found_without_mlflow(uri: str) -> None:
    program = (
        "import sys\nfrom bitjaru.tracking.registry.reference import find_at_once\n"
        "print(find_at_once(sys.argv[1], 'alpha'), 'mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, uri], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n")[0] == "alpha version 11 False"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = 'another'",
        "ALTER TABLE model_versions RENAME COLUMN source TO place",
        "UPDATE registered_models SET workspace = 'other' WHERE name = 'empty'",
    ],
)
def test_tables_that_are_not_known_are_left_to_mlflow(uri: str, change: str) -> None:
    assert registered_rows(uri) is not None
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as connection:
        connection.execute(change)
        connection.commit()
    assert registered_rows(uri) is None


def test_who_asks_for_a_workspace_and_a_server_are_left_to_mlflow(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registered_rows("http://127.0.0.1:1") is None
    monkeypatch.setenv("MLFLOW_WORKSPACE", "mine")
    assert registered_rows(uri) is None


def test_a_store_that_nobody_has_opened_yet_is_asked_through_mlflow(mlruns: Path, client: MlflowClient) -> None:
    model = mlruns / "model"
    bundle = save_served(model)
    client.create_registered_model("only")
    client.create_model_version("only", bundle.as_uri())
    client.set_registered_model_alias("only", "champion", "1")
    uri = f"sqlite:///{mlruns}/mlflow.db"
    assert find_at_once(uri, "only") is None
    overrides = [f"tracking.uri='{uri}'", f"tracking.artifact_root='{mlruns}/artifacts'"]
    assert model_folder("only", overrides) == bundle
    found = find_at_once(uri, "only")
    assert found is not None
    assert found.number == "1"
    assert model_folder("only", overrides) == bundle
