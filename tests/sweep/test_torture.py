"""Parent and workers are killed with SIGKILL at random moments; nothing may be lost, doubled or overwritten."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import optuna
import psutil
import pytest
from killing import kill_something
from optuna.trial import TrialState

from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.ownership import ownership
from sweep import sweeper_process

TRIALS, KILLS = 12, 6
SEED = int(os.environ.get("TORTURE_SEED", "0"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))
    return tmp_path


def start(home: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "EPOCH_SECONDS": "0.03"}
    command = [sys.executable, "-m", sweeper_process.__name__, str(home), str(TRIALS), "2"]
    with (home / "output").open("w") as output:
        return subprocess.Popen(command, env=environment, stdout=output)


@pytest.mark.slow
def test_a_search_that_is_killed_again_and_again_ends_with_every_trial_once(home: Path) -> None:
    chance = random.Random(SEED)
    killed: list[str] = []
    sweeper = start(home)
    while len(killed) < KILLS or "parent" not in killed:
        if sweeper.poll() is not None:
            assert killed[-1] == "parent", sweeper.returncode
            sweeper = start(home)
        time.sleep(chance.uniform(0.2, 1.6))
        if sweeper.poll() is None:
            killed.append(kill_something(chance, sweeper))
        elif sweeper.returncode == 0:
            break
    if sweeper.poll() is None:
        sweeper.kill()
        sweeper.wait()
    final = start(home)
    assert final.wait(timeout=120) == 0, killed
    assert (home / "output").read_text() == "complete\n"
    check(home)


def check(home: Path) -> None:
    study = optuna.load_study(study_name="study", storage=open_storage(sweeper_process.ADDRESS))
    assert [trial.number for trial in study.trials] == list(range(TRIALS))
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    assert len({trial.params["x"] for trial in study.trials}) == TRIALS
    for trial in study.trials:
        assert trial.values == [trial.params["x"]]
        starts = (home / str(trial.number) / "starts").read_text().splitlines()
        assert {line.split()[1] for line in starts} == {f"x={trial.params['x']!r}"}
        assert trial.user_attrs["notes"] == {"run_id": f"run-{trial.number}"}
        assert (home / str(trial.number) / "checkpoint").read_text() == "5"


def test_workers_die_with_their_parent(home: Path) -> None:
    sweeper = start(home)
    while not (workers := psutil.Process(sweeper.pid).children()):
        time.sleep(0.05)
    sweeper.kill()
    sweeper.wait()
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert not alive


def test_a_second_sweep_of_the_same_study_is_refused_with_the_process_that_runs_it(home: Path) -> None:
    with ownership(sweeper_process.ADDRESS, "study"):
        second = subprocess.run(
            [sys.executable, "-m", sweeper_process.__name__, str(home), "1", "1"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=False,
        )
    assert f"process {os.getpid()} or a worker of it runs it already".encode() in second.stderr
