"""A search of real trainings as a user starts it, and as a bad night treats it."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import optuna
import pytest
import yaml
from conftest import CHECKOUT
from killing import kill_something
from optuna.trial import TrialState

from bitjaru.outcome import Outcome
from bitjaru.sweep.storage.opening import open_storage

TRIALS, KILLS = 12, 5
SEED = int(os.environ.get("TORTURE_SEED", "0"))
SEARCH = [
    "-m",
    "hydra/sweeper=optuna",
    "hydra/sweeper/pruner=median",
    f"hydra.sweeper.n_trials={TRIALS}",
    "hydra.sweeper.n_jobs=2",
    "hydra.sweeper.study_name=night",
    "hydra.sweeper.plots=false",
    "hydra.sweeper.spaces=[]",
    "architecture=choice(average,simplernn)",
    "optimizer.learning_rate=tag(log,interval(1e-3,1e-1))",
    "architecture.embedding.width=8",
    "dataset.rows=400",
    "max_len=12",
    "trainer.epochs=3",
]


def search(home: Path) -> "subprocess.Popen[bytes]":
    with (home / "output").open("a") as output:
        return subprocess.Popen(
            [sys.executable, str(CHECKOUT / "train.py"), *SEARCH], cwd=home, stdout=output, stderr=subprocess.STDOUT
        )


@pytest.mark.slow
def test_a_search_that_is_killed_again_and_again_loses_doubles_and_overwrites_nothing(home: Path) -> None:
    chance = random.Random(SEED)
    killed: list[str] = []
    sweeper = search(home)
    while len(killed) < KILLS or killed.count("parent") < 2:
        time.sleep(chance.uniform(4, 8))
        if sweeper.poll() is not None:
            sweeper = search(home)
        else:
            killed.append(kill_something(chance, sweeper))
    if sweeper.poll() is None:
        sweeper.kill()
        sweeper.wait()
    assert search(home).wait(timeout=300) == 0, (home / "output").read_text()
    check_study(home)
    check_runs(home)


def check_study(home: Path) -> None:
    study = optuna.load_study(study_name="night", storage=open_storage(f"sqlite:///{home}/mlruns/optuna.db"))
    assert [trial.number for trial in study.trials] == list(range(TRIALS))
    assert {trial.state for trial in study.trials} <= {TrialState.COMPLETE, TrialState.PRUNED}
    (folder,) = (home / "multirun").glob("*/*")
    for trial in study.trials:
        config = yaml.safe_load((folder / str(trial.number) / "config.yaml").read_text(encoding="utf-8"))
        assert config["optimizer"]["learning_rate"] == trial.params["optimizer.learning_rate"]
        outcome = Outcome.load(folder / str(trial.number))
        assert outcome.choices["architecture"] == trial.params["architecture"]
        assert outcome.run_id == trial.user_attrs["notes"]["run_id"]
        if trial.state == TrialState.COMPLETE:
            assert trial.values == [outcome.objective]


def check_runs(home: Path) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name("sample")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    children = [run for run in runs if "mlflow.parentRunId" in run.data.tags]
    assert sorted(run.data.tags["number"] for run in children) == sorted(map(str, range(TRIALS)))
    assert len(runs) == TRIALS + 1
    assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
