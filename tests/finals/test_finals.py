"""`bitjaru finals` as a user types it: killed half-way, gone on with, and judged."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import CHECKOUT

GRID = ["-m", "architecture=linear,average", "dataset.rows=600", "trainer.epochs=1"]


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, cwd=CHECKOUT)


@pytest.mark.slow
def test_finals_go_on_after_a_kill_and_run_nothing_twice(home: Path) -> None:
    finals = ["-m", "bitjaru.commands.cli", "finals", "--seeds", "2", "--fractions", "", "--ensemble"]
    refused = run(*finals)
    assert refused.returncode == 1
    assert "There must be a search or a grid" in refused.stderr
    where = [f"hydra.sweep.dir={home}/grid"]
    assert run("train.py", *GRID, *where).returncode == 0

    killed = subprocess.Popen(
        [sys.executable, *finals], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + 120
    while not list(home.glob("outputs/finals/*/*/1/outcome.json")):
        assert killed.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    (folder,) = home.glob("outputs/finals/*")
    before = {path: path.stat().st_mtime for path in folder.glob("*/*/outcome.json")}

    ended = run(*finals)
    assert ended.returncode == 0, ended.stderr
    assert "finals are there already" in ended.stderr + ended.stdout
    assert "4 trainings: 2 architectures with 2 seeds each." in ended.stderr + ended.stdout
    assert "undecided" in ended.stdout
    assert "2 seeds cannot call any of 3 finalists better: 7 can." in ended.stdout
    assert "ensemble: chosen anew with each seed" in ended.stdout
    record = json.loads((folder / "report" / "finals.json").read_text())
    assert sum(record["ensemble"].values()) == pytest.approx(1)
    assert all(each["megabytes"] > 0 for each in record["finalists"])
    assert all(len(each["moved"]) > 0 for each in record["mistakes"]["examples"])
    after = {path: path.stat().st_mtime for path in folder.glob("*/*/outcome.json")}
    assert len(after) == 4
    assert before.items() <= after.items()
    seeds = {tuple(json.loads(path.read_text())["overrides"][-2:]) for path in after}
    assert seeds == {(f"seed={seed}", f"dataset.validation.seed={seed}") for seed in (1, 2)}
    _is_one_tree(home, folder)


def _is_one_tree(home: Path, folder: Path) -> None:
    """One run of the finals, with the four that finished below it."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    experiments = [each.experiment_id for each in client.search_experiments()]
    (parent,) = client.search_runs(experiments, "tags.kind = 'finals'")
    children = client.search_runs(
        experiments, f"tags.mlflow.parentRunId = '{parent.info.run_id}' and attributes.status = 'FINISHED'"
    )
    assert parent.info.status == "FINISHED"
    (grid,) = client.search_runs(experiments, "tags.kind = 'grid'")
    tried = client.search_runs(experiments, f"tags.mlflow.parentRunId = '{grid.info.run_id}'")
    assert grid.data.metrics == {"best_valid_accuracy": max(each.data.metrics["objective"] for each in tried)}
    assert not client.search_runs(experiments, "attributes.status = 'RUNNING'")
    assert {each.info.run_name for each in children} == {
        f"{name}, seed {n}" for name in ("linear", "average") for n in (1, 2)
    }
    assert "every pair" in parent.data.tags["mlflow.note.content"]
    assert {each.path for each in client.list_artifacts(parent.info.run_id, "report")} == {
        f"report/{name}" for name in ("finals.csv", "finals.json", "finals.md", "pairs.csv", "plan.json")
    }
