"""`bitjaru doctor --anew`: a store that was deleted gets everything again."""

import subprocess
import sys
from pathlib import Path

import pytest

from bitjaru.configuration import build_part, compose_config
from bitjaru.tracking.runs.journal import Progress


def store(home: Path) -> Path:
    return home / "mlruns" / "mlflow.db"


def a_run(home: Path) -> Path:
    folder = home / "outputs" / "one"
    folder.mkdir(parents=True)
    tracking = build_part(compose_config([]), "tracking")
    tracking.prepare("sample")
    run = tracking.start(folder, name="one", kind="run", experiment="sample", config={"a": 1}, tags={})
    run.log(1, {"valid_accuracy": 0.5})
    run.log(2, {"valid_accuracy": 0.75})
    run.end("FINISHED", None)
    return folder


def doctor(*options: str) -> str:
    """In a process of its own: this one still has the deleted file open."""
    command = [sys.executable, "-m", "bitjaru.commands.cli", "doctor", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.mark.slow
def test_a_store_that_was_deleted_is_noticed_and_gets_every_run_again(home: Path) -> None:
    from mlflow import MlflowClient

    folder = a_run(home)
    before = Progress.load(folder).run_id
    for file in store(home).parent.glob("mlflow.db*"):
        file.unlink()
    assert "MLflow has 1 runs no more" in doctor()
    assert Progress.load(folder).run_id == before
    assert "1 runs that MLflow has no more are sent anew" in doctor("--anew")
    run_id = Progress.load(folder).run_id
    assert run_id not in (None, before)
    copy = home / "copy.db"  # this process has the deleted one open under its name
    copy.write_bytes(store(home).read_bytes())
    history = MlflowClient(f"sqlite:///{copy}").get_metric_history(str(run_id), "valid_accuracy")
    assert [(each.step, each.value) for each in history] == [(1, 0.5), (2, 0.75)]
    doctor("--anew")
    assert Progress.load(folder).run_id == run_id, "nothing is sent twice"


@pytest.mark.slow
def test_a_store_that_answers_with_another_figure_than_it_was_told_is_noticed(home: Path) -> None:
    import sqlite3
    from contextlib import closing

    folder = a_run(home)
    assert "All is well" in doctor()
    with closing(sqlite3.connect(store(home))) as database:
        database.execute("UPDATE latest_metrics SET value = 0.875")
        database.commit()
    assert f"MLflow has other figures than 1 runs told it, the first of them {folder}: valid_accuracy" in doctor()
