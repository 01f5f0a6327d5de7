"""A store that is deleted under a run: the run says so at once and keeps everything, and a fresh store gets it all."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CHECKOUT
from mlflow import MlflowClient

from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.runs.run import Run

SEARCH = [
    *("-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=4", "hydra.sweeper.n_jobs=2", "hydra.sweeper.plots=false"),
    *("hydra.sweeper.spaces=[]", "hydra.sweeper.study_name=lost", "architecture=average", "dataset.rows=400"),
    *(
        "optimizer.learning_rate=tag(log,interval(1e-3,1e-1))",
        "trainer.epochs=30",
        "trainer.early_stopping.patience=null",
    ),
    "max_len=12",
]


def delete(mlruns: Path) -> None:
    for file in mlruns.glob("mlflow.db*"):
        file.unlink(missing_ok=True)  # the journal of a transaction goes with it


def test_a_run_says_within_an_epoch_that_its_store_vanished(
    begin: Callable[..., Run], mlruns: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = begin()
    run.log(1, {"train_loss": 0.7})
    delete(mlruns)
    assert "vanished" not in caplog.text
    run.log(2, {"train_loss": 0.6})
    assert f"The tracking store vanished: sqlite:///{mlruns}/mlflow.db was deleted." in caplog.text
    assert not (mlruns / "mlflow.db").exists(), "no store without the first epoch takes its place"
    run.log(3, {"train_loss": 0.5})
    run.end("FINISHED", None)
    assert caplog.text.count("vanished") == 1
    assert "`bitjaru doctor --anew` sends every run into a fresh store" in caplog.records[-1].getMessage()


def test_a_store_that_was_put_in_the_place_of_another_gets_nothing_by_accident(
    begin: Callable[..., Run], mlruns: Path, fresh_store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = begin()
    delete(mlruns)
    (mlruns / "mlflow.db").write_bytes((fresh_store / "mlflow.db").read_bytes())
    run.log(1, {"train_loss": 0.7})
    assert "was replaced by another file" in caplog.text
    run.end("FINISHED", None)


def test_a_run_below_a_parent_that_is_lost_makes_no_store_of_its_own(
    begin: Callable[..., Run], local: Callable[..., Tracking], mlruns: Path, caplog: pytest.LogCaptureFixture
) -> None:
    parent = begin("grid")
    delete(mlruns)
    tracking = local(mlruns, parent.folder)
    tracking.prepare("nsmc")
    child = begin("job", tracking)
    assert not (mlruns / "mlflow.db").exists()
    assert "vanished" in caplog.text
    child.end("FINISHED", None)
    parent.end("FINISHED", None)


@pytest.mark.slow
def test_a_search_goes_on_without_its_store_says_so_and_is_sent_whole_into_a_fresh_one(home: Path) -> None:
    output = home / "output"
    with output.open("w") as file:
        search = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "train.py"), *SEARCH], cwd=home, stdout=file, stderr=file
        )
    try:
        while not any("Metrics" in path.read_text() for path in home.glob("multirun/*/*/*/tracking/journal.jsonl")):
            assert search.poll() is None, output.read_text()
            time.sleep(0.1)
        delete(home / "mlruns")
        assert search.wait(timeout=900) == 0, output.read_text()
    finally:
        search.kill()
    said = output.read_text()
    assert said.count("The tracking store vanished") == 1
    assert "MLflow is away" not in said, "it is said once, not for each trial"
    assert said.count("`bitjaru doctor --anew` sends every run into a fresh store") == 2, (
        "when it vanished, and at the end"
    )
    assert not (home / "mlruns" / "mlflow.db").exists()
    doctor = subprocess.run(
        [sys.executable, "-m", "bitjaru.commands.cli", "doctor", "--anew"], capture_output=True, text=True, check=False
    )
    assert "runs that MLflow has no more are sent anew" in doctor.stdout
    assert "All is well" in doctor.stdout
    client = MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    runs = client.search_runs([each.experiment_id for each in client.search_experiments()])
    (parent,) = (run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert sorted(run.data.tags["number"] for run in children) == ["0", "1", "2", "3"]
    assert {run.info.status for run in runs} == {"FINISHED"}
    for run in children:
        losses = client.get_metric_history(run.info.run_id, "train_loss")
        assert [point.step for point in losses] == list(range(1, 31))
