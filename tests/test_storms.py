"""What a bad night does besides killing: a store that may not be written, locks, clocks that jump, a JVM that dies."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import mlflow
import optuna
import psutil
import pytest
from conftest import CHECKOUT, mounted

from bitjaru.configuration import build_part, compose_config
from bitjaru.sweep.storage.opening import open_storage

# The wall clock of every process of a search; the monotonic one never jumps, which libfaketime does to those who sleep.
CLOCK = """
import time

def jump():
    with open({jumps!r}) as file:
        return int(file.read())

real, real_ns = time.time, time.time_ns
time.time = lambda: real() + jump()
time.time_ns = lambda: real_ns() + jump() * 10**9
"""
TRAIN = [sys.executable, str(CHECKOUT / "train.py")]
SEARCH = [
    *("-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=8", "hydra.sweeper.n_jobs=2", "hydra.sweeper.plots=false"),
    *("hydra.sweeper.spaces=[]", "hydra.sweeper.study_name=storm", "architecture=linear", "dataset.rows=300"),
    "architecture.inverse_regularization=tag(log,interval(0.1,10))",
]


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*TRAIN, *arguments], cwd=home, capture_output=True, text=True, check=False, timeout=400)


def bitjaru(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bitjaru.commands.cli", *arguments]
    return subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=400)


def is_one_error(done: "subprocess.CompletedProcess[str]", *words: str) -> bool:
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    return (
        done.returncode == 1
        and "Traceback" not in done.stdout + done.stderr
        and len(errors) == 1
        and all(word in errors[0] for word in words)
    )


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A file system on which nothing can be written."""
    with mounted(tmp_path / "read only", "ro,size=1m") as folder:
        yield folder


@pytest.mark.slow
def test_a_store_that_may_not_be_written_is_one_error_before_any_work(home: Path, read_only: Path) -> None:
    store = [f"tracking.uri='sqlite:///{read_only}/mlflow.db'", f"tracking.artifact_root='{read_only}/artifacts'"]
    done = run(home, "architecture=linear", "dataset.rows=300", *store)
    assert is_one_error(done, "The tracking store must be writable", "Read-only file system"), done.stderr
    done = run(home, *SEARCH, f"hydra.sweeper.storage='sqlite:///{read_only}/study.db'")
    assert is_one_error(done, "hydra.sweeper.storage", "Read-only file system"), done.stderr
    done = run(home, "architecture=linear", "dataset.rows=300", f"hydra.run.dir='{read_only}/run'")
    assert is_one_error(done, "The folder of a run must be one that can be made"), done.stderr


@pytest.mark.slow
def test_a_registry_that_may_not_be_written_answers_and_refuses_a_promotion(home: Path) -> None:
    with mounted(home / "mlruns", "size=64m") as mlruns:
        assert run(home, "-m", "architecture=linear", "dataset.rows=400").returncode == 0
        forced = ("promote", "--force", "--reason", "for a test")
        assert bitjaru(home, *forced).returncode == 0
        subprocess.run(["mount", "-o", "remount,ro", str(mlruns)], check=True)
        answered = bitjaru(home, "predict", "정말 좋았다", "--model", "sample-sentiment")
        assert answered.returncode == 0, answered.stderr
        assert "긍정" in answered.stdout or "부정" in answered.stdout
        assert bitjaru(home, "verify", "sample-sentiment").returncode == 0
        refused = bitjaru(home, *forced)
        assert is_one_error(refused, "must be writable"), refused.stderr


@pytest.mark.slow
def test_a_store_that_is_locked_for_a_while_has_everything_afterwards(
    home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = build_part(compose_config([]), "tracking")
    tracking.prepare("sample")
    told = tracking.start(home / "outputs" / "one", name="one", kind="run", experiment="sample", config={}, tags={})
    told.log(1, {"train_loss": 0.5})
    with closing(sqlite3.connect(home / "mlruns" / "mlflow.db", isolation_level=None)) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        told.log(2, {"train_loss": 0.25})
        locker.execute("ROLLBACK")
    assert "database is locked" in caplog.text
    monkeypatch.setattr(told, "_ask_again", 0.0)
    told.log(3, {"train_loss": 0.125})
    told.end("FINISHED", None)
    history = mlflow.MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db").get_metric_history(told.run_id, "train_loss")
    assert [(point.step, point.value) for point in history] == [(1, 0.5), (2, 0.25), (3, 0.125)]


@pytest.mark.slow
def test_a_study_that_is_locked_for_a_while_costs_that_while(home: Path) -> None:
    address = f"sqlite:///{home}/study.db"
    study = optuna.create_study(study_name="study", storage=open_storage(address))
    study.tell(study.ask(), 1.0)
    locker = sqlite3.connect(home / "study.db", isolation_level=None, check_same_thread=False)
    locker.execute("BEGIN EXCLUSIVE")
    threading.Timer(7, lambda: locker.execute("ROLLBACK")).start()
    began = time.monotonic()
    study.tell(study.ask(), 2.0)
    assert time.monotonic() - began > 3
    locker.close()
    there = optuna.load_study(study_name="study", storage=open_storage(address))
    assert [trial.values for trial in there.trials] == [[1.0], [2.0]]


@pytest.mark.slow
def test_a_search_whose_clock_jumps_by_days_loses_and_doubles_nothing(home: Path, tmp_path: Path) -> None:
    jumps = home / "jumps"
    jumps.write_text("0")
    clock = tmp_path / "clock"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(CLOCK.format(jumps=str(jumps)))
    environment = {**os.environ, "PYTHONPATH": str(clock)}
    output = home / "output"
    with output.open("w") as file:
        search = subprocess.Popen([*TRAIN, *SEARCH], cwd=home, env=environment, stdout=file, stderr=file)
    jumped = 0
    while search.poll() is None:
        time.sleep(0.5)
        jumped += 1
        later = jumps.with_name("later")
        later.write_text(str((3, -2, 0, -400)[jumped % 4] * 86_400))
        later.replace(jumps)
    said = output.read_text()
    assert search.returncode == 0, said
    assert "Traceback" not in said
    assert jumped > 4
    study = optuna.load_study(study_name="storm", storage=open_storage(f"sqlite:///{home}/mlruns/optuna.db"))
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 8
    client = mlflow.MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    runs = client.search_runs([each.experiment_id for each in client.search_experiments()])
    assert sorted(run.data.tags.get("number", "") for run in runs) == ["", *map(str, range(8))]
    assert {run.info.status for run in runs} == {"FINISHED"}


@pytest.mark.slow
def test_a_jvm_that_is_killed_in_the_middle_of_a_corpus_is_one_error_and_the_next_run_has_every_token(
    home: Path, tmp_path: Path
) -> None:
    table = tmp_path / "reviews.csv"
    rows = [f"이 영화는 {number}번 봐도 정말 재미있고 배우들이 훌륭했다,{number % 2}" for number in range(30_000)]
    table.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")
    command = [
        *("dataset=file", f"dataset.path='{table}'", "tokenizer=komoran", "architecture=average", "trainer.epochs=1"),
        *("max_len=8", "tracking=off", "architecture.embedding.width=4"),
    ]
    with (home / "output").open("w") as file:
        training = subprocess.Popen([*TRAIN, *command], cwd=home, stdout=file, stderr=file)
    kill_java(training, lambda: any(Path("/tmp").glob("bitjaru-komoran-*/tagged.txt")))
    assert training.wait(timeout=300) == 1
    said = (home / "output").read_text()
    assert "The tokenizer's Java process must live until it has answered" in said
    assert "Traceback" not in said
    again = run(home, *command)
    assert again.returncode == 0, again.stderr
    assert "from the cache" not in again.stderr, "no half of the tokens was kept"


def kill_java(training: "subprocess.Popen[bytes]", is_busy: Callable[[], bool]) -> None:
    while training.poll() is None:
        javas = [each for each in psutil.Process(training.pid).children(recursive=True) if each.name() == "java"]
        if javas and is_busy():
            for java in javas:
                java.kill()
            return
        time.sleep(0.02)
