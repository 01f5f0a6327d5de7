"""`hydra/sweeper=bitjaru` in a program that knows nothing of bitjaru: examples/plain_program/sphere.py."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
import yaml
from conftest import CHECKOUT

SWEEPER = ["-m", "hydra/sweeper=bitjaru", "hydra.sweeper.plots=false"]
SPACE = ["+x=interval(-3,3)", "+y=range(-3,3,step=0.5)"]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    shutil.copy2(CHECKOUT / "examples" / "plain_program" / "sphere.py", folder / "sphere.py")
    return folder


def run(folder: Path, *arguments: str, name: str = "sphere.py") -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if key != "BITJARU_HOME"}
    command = [sys.executable, name, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def values(folder: Path, study: str) -> list[float]:
    found = optuna.load_study(study_name=study, storage=f"sqlite:///{folder}/optuna.db")
    return [trial.values[0] for trial in found.trials]


def test_a_plain_program_is_searched_goes_on_and_keeps_its_study_beside_it(program: Path) -> None:
    first = run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=3")
    assert first.returncode == 0, first.stdout + first.stderr
    (study,) = optuna.get_all_study_names(f"sqlite:///{program}/optuna.db")
    more = run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=5")
    assert more.returncode == 0
    assert "python sphere.py +x=" in more.stdout
    assert len(values(program, study)) == 5
    assert {path.name for path in program.iterdir()} == {"sphere.py", "multirun", "optuna.db", ".bitjaru-locks"}


def test_two_programs_with_the_same_space_have_two_studies(program: Path) -> None:
    text = (program / "sphere.py").read_text()
    (program / "other.py").write_text(text.replace("float(", "1000 + float("))
    for name in ("sphere.py", "other.py"):
        assert run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=2", name=name).returncode == 0
    names = optuna.get_all_study_names(f"sqlite:///{program}/optuna.db")
    lowest = sorted(min(values(program, name)) for name in names)
    assert len(names) == 2
    assert lowest[0] < 1000 <= lowest[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([*SWEEPER, "+x=interval(-3,3)", "hydra.sweeper.n_trials=0"], "`hydra.sweeper.n_trials`"),
        ([*SWEEPER, "+x=intervall(-3,3)"], "intervall"),
        (["-m", "hydra/sweeper=grid", "+x=1,2"], "grid"),
        (
            [*SWEEPER, "+x=interval(-3,3)", "hydra.sweeper.n_trials=2", "hydra.sweeper.max_failure_rate=1.0"],
            "must have a trial that does not fail. Received: 2 of 2 failed",
        ),
    ],
)
def test_mistakes_are_sentences_and_not_tracebacks(arguments: list[str], told: str, program: Path) -> None:
    done = run(program, *arguments)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_no_group_of_this_project_is_in_another_program(program: Path) -> None:
    shown = run(program, "--info", "config").stdout + run(program, "--help").stdout
    assert "architecture" not in shown
    refused = run(program, "+architecture=lstm")
    assert refused.returncode == 1
    assert "lstm" not in run(program, "+x=1", "+y=1", "--cfg", "job").stdout


def test_the_two_options_differ_only_where_they_mean_to() -> None:
    own = yaml.safe_load((CHECKOUT / "conf" / "hydra" / "sweeper" / "optuna.yaml").read_text())
    theirs = yaml.safe_load((CHECKOUT / "src/bitjaru/sweep/conf/hydra/sweeper/bitjaru.yaml").read_text())
    assert list(own) == list(theirs)
    assert {key for key in own if own[key] != theirs[key]} == {"defaults", "storage", "compare_within", "platform"}


def test_a_sampler_that_is_not_multivariate_has_no_groups(program: Path) -> None:
    done = run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=2", "hydra.sweeper.sampler.multivariate=false")
    assert done.returncode == 0, done.stderr


def test_a_program_reports_its_epochs_by_one_call_and_is_pruned(program: Path) -> None:
    shutil.copy2(CHECKOUT / "examples" / "plain_program" / "pruned.py", program / "pruned.py")
    wanted = ["hydra/sweeper/pruner=median", "hydra.sweeper.pruner.n_startup_trials=3", "hydra.sweeper.n_trials=12"]
    space = ["+rate=interval(0,1)", "hydra.sweeper.direction=maximize", "hydra.sweeper.study_name=s"]
    done = run(program, *SWEEPER, *wanted, *space, name="pruned.py")
    assert done.returncode == 0, done.stdout + done.stderr
    trials = optuna.load_study(study_name="s", storage=f"sqlite:///{program}/optuna.db").trials
    states = [trial.state.name for trial in trials]
    assert set(states) == {"COMPLETE", "PRUNED"}
    assert {len(trial.intermediate_values) for trial in trials if trial.state.name == "COMPLETE"} == {10}
    assert all(len(trial.intermediate_values) < 10 for trial in trials if trial.state.name == "PRUNED")
    alone = run(program, "+rate=0.2", name="pruned.py")
    assert alone.returncode == 0, alone.stderr


@pytest.mark.slow
def test_a_scikit_learn_program_has_conditional_spaces_is_pruned_killed_and_resumed(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    shutil.copytree(CHECKOUT / "examples" / "scikit_learn", folder)
    environment = {key: value for key, value in os.environ.items() if key != "BITJARU_HOME"}
    command = [sys.executable, "program.py", "-m", "hydra.sweeper.plots=false", "hydra.sweeper.study_name=s"]
    first = subprocess.Popen([*command, "hydra.sweeper.n_trials=200"], cwd=folder, env=environment)
    until, begun = time.monotonic() + 90, 0
    while begun < 3:
        assert time.monotonic() < until
        time.sleep(0.2)
        begun = len(list(folder.glob("multirun/*/*/[0-9]*/program.log")))
    first.kill()
    first.wait()
    done = run(folder, *command[2:], "hydra.sweeper.n_trials=20", name="program.py")
    assert done.returncode == 0, done.stdout + done.stderr
    trials = optuna.load_study(study_name="s", storage=f"sqlite:///{folder}/optuna.db").trials
    assert [trial.number for trial in trials] == list(range(len(trials)))
    assert {trial.state.name for trial in trials} <= {"COMPLETE", "PRUNED"}
    assert sum(trial.state.name == "PRUNED" for trial in trials) > 0
    own = {"linear": {"model.linear.alpha"}, "network": {"model.network.units", "model.network.rate"}}
    for trial in trials:
        assert set(trial.params) == {"model"} | own[trial.params["model"]]
