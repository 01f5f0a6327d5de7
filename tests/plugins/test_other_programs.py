"""`hydra/sweeper=bitjaru` in a program that knows nothing of bitjaru: examples/plain_program/sphere.py."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest
import yaml
from conftest import CHECKOUT

from bitjaru.sweep.space.custom import Custom

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


@pytest.mark.slow
def test_a_plain_program_is_searched_goes_on_and_keeps_its_study_beside_it(program: Path) -> None:
    first = run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=3")
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"in sqlite:///{program}/optuna.db: 3 trials in all." in first.stdout
    assert "epoch" not in first.stdout
    assert {path.name for path in program.iterdir()} == {"sphere.py", "multirun", "optuna.db", ".bitjaru-locks"}
    (study,) = optuna.get_all_study_names(f"sqlite:///{program}/optuna.db")
    more = run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=5")
    assert more.returncode == 0
    assert "5 trials in all, 3 of them begun before" in more.stdout
    assert "python sphere.py +x=" in more.stdout
    assert len(values(program, study)) == 5


@pytest.mark.slow
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


def test_a_search_of_which_every_trial_failed_is_an_error_each_time_it_is_asked_for(program: Path) -> None:
    settings = ("n_trials=2", "max_failure_rate=1.0", "study_name=mine")
    for begun in (False, True):
        done = run(program, *SWEEPER, "+x=interval(-3,3)", *(f"hydra.sweeper.{each}" for each in settings))
        assert done.returncode == 1
        assert "must have a trial that does not fail. Received: 2 of 2 failed" in done.stderr
        assert "ask for more trials by a larger hydra.sweeper.n_trials, or begin anew" in done.stderr
        assert ("The study mine has its 2 trials already." in done.stdout) == begun


TYPED = """
import os
from dataclasses import dataclass
import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig

@dataclass
class Config:
    x: float = 0.0

ConfigStore.instance().store(name="config", node=Config)

@hydra.main(version_base="1.3", config_name="config")
def typed(config: Config) -> float:
    print("here is", os.getpid(), HydraConfig.get().job.num, HydraConfig.get().runtime.output_dir)
    if config.x > 2:
        raise ValueError("x is too large")
    return config.x

if __name__ == "__main__":
    typed()
"""


def test_a_program_with_a_structured_config_fails_as_data_in_workers(program: Path) -> None:
    (program / "typed.py").write_text(TYPED)
    wanted = ["hydra/sweeper/executor=processes", "hydra/sweeper/sampler=grid", "hydra.sweeper.n_jobs=2"]
    done = run(program, *SWEEPER, *wanted, "x=range(0,4)", "hydra.sweeper.study_name=s", name="typed.py")
    assert done.returncode == 0, done.stdout + done.stderr
    trials = optuna.load_study(study_name="s", storage=f"sqlite:///{program}/optuna.db").trials
    states = [(trial.params["x"], trial.state.name) for trial in trials]
    assert sorted(states) == [(0, "COMPLETE"), (1, "COMPLETE"), (2, "COMPLETE"), (3, "FAIL"), (4, "FAIL")]
    assert {trial.user_attrs["failure"]["message"] for trial in trials if trial.state.name == "FAIL"} == {
        "ValueError: x is too large"
    }
    logs = [path.read_text() for path in program.glob("multirun/*/*/*/worker.log")]
    numbers = {line.split()[3] for log in logs for line in log.splitlines() if line.startswith("here is")}
    assert numbers == {"0", "1", "2", "3", "4"}


@pytest.mark.slow
def test_a_program_in_workers_goes_on_after_a_kill(program: Path) -> None:
    text = (program / "sphere.py").read_text()
    slow = text.replace("    return", "    import time\n\n    time.sleep(0.5)\n    return")
    (program / "slow.py").write_text(slow)
    asked = ["-m", "hydra/sweeper=bitjaru", "hydra/sweeper/executor=processes", "hydra.sweeper.n_jobs=2", *SPACE]
    asked += ["hydra.sweeper.n_trials=8", "hydra.sweeper.study_name=s", "hydra.sweeper.plots=false"]
    environment = {key: value for key, value in os.environ.items() if key != "BITJARU_HOME"}
    first = subprocess.Popen([sys.executable, "slow.py", *asked], cwd=program, env=environment)
    until = time.monotonic() + 60
    while len(list(program.glob("multirun/*/*/*/result.json"))) < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    first.kill()
    first.wait()
    done = run(program, *asked, name="slow.py")
    assert done.returncode == 0, done.stdout + done.stderr
    trials = optuna.load_study(study_name="s", storage=f"sqlite:///{program}/optuna.db").trials
    assert [trial.state.name for trial in trials] == ["COMPLETE"] * 8
    assert len(list(program.glob("multirun/*/*"))) == 1


def test_a_function_of_ones_own_draws_what_the_grammar_cannot_say(program: Path) -> None:
    (program / "space.py").write_text(
        "def configure(config, trial):\n"
        "    low = trial.params['x']\n"
        "    trial.suggest_float('+y', low, low + config.widest)\n"
    )
    asked = ["+x=interval(-3,3)", "+widest=0.5", "hydra.sweeper.n_trials=5", "hydra.sweeper.study_name=s"]
    custom = "hydra.sweeper.custom_search_space=space.configure"
    done = run(program, *SWEEPER, *asked, custom)
    assert done.returncode == 0, done.stdout + done.stderr
    for trial in optuna.load_study(study_name="s", storage=f"sqlite:///{program}/optuna.db").trials:
        assert trial.params["x"] <= trial.params["+y"] <= trial.params["x"] + 0.5
        assert trial.values is not None
        assert trial.values[0] == pytest.approx((trial.params["x"] - 1) ** 2 + (trial.params["+y"] + 2) ** 2)


@pytest.mark.parametrize("named", ["my-space.configure", ".my-space.configure"])
def test_a_function_of_ones_own_is_named_with_a_dot_before_it_or_without(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my-space.py").write_text("def configure(config, trial):\n    trial.suggest_float('y', 0, config)\n")
    monkeypatch.delitem(sys.modules, "my-space", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    trial = optuna.create_study().ask()
    (line,) = Custom.load(named, 0.5, tmp_path).overrides(trial, {}, [])
    assert line == f"y={trial.params['y']}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("os.system", "must name a function in a module of the program's own folder"),
        ("sphere.missing", "must name a function. Received: sphere.missing"),
    ],
)
def test_a_space_of_ones_own_stands_in_the_programs_own_folder(named: str, told: str, program: Path) -> None:
    done = run(program, *SWEEPER, "+x=interval(-3,3)", f"hydra.sweeper.custom_search_space={named}")
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_best_command_runs_once_with_the_same_config(program: Path) -> None:
    (program / "conf").mkdir()
    (program / "more" / "extra").mkdir(parents=True)
    (program / "more" / "extra" / "one.yaml").write_text("# @package _global_\nz: 1\n")
    (program / "conf" / "own.yaml").write_text(
        "defaults:\n  - override hydra/sweeper: bitjaru\n  - _self_\nx: 0\ny: 0\n"
        "hydra:\n  mode: MULTIRUN\n  sweeper: {n_trials: 2, plots: false, params: {x: 'interval(0,1)'}}\n"
    )
    flags = ["--config-path", "conf", "--config-name=own", f"hydra.searchpath=[file://{program}/more]"]
    done = run(program, *flags, "+extra=one")
    assert done.returncode == 0, done.stdout + done.stderr
    command = next(line.strip() for line in done.stdout.splitlines() if "python sphere.py" in line)
    assert "--config-path conf --config-name=own" in command
    assert command.endswith("hydra.mode=RUN")
    again = run(program, *shlex.split(command)[2:])
    assert again.returncode == 0, again.stderr
    assert len(list(program.glob("outputs/*/*"))) == 1
    assert len(list(program.glob("multirun/*/*"))) == 1


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
    assert {key for key in own if own[key] != theirs[key]} == {
        "defaults",
        "storage",
        "compare_within",
        "platform",
        "n_jobs",
    }


def test_a_sampler_that_is_not_multivariate_has_no_groups(program: Path) -> None:
    done = run(program, *SWEEPER, *SPACE, "hydra.sweeper.n_trials=2", "hydra.sweeper.sampler.multivariate=false")
    assert done.returncode == 0, done.stderr


CONTRACT = """
import hydra
import bitjaru

@hydra.main(version_base="1.3", config_path=None)
def main(config):
    if config.rate > 0.6:
        raise ValueError("the rate is too high")
    value = 0.0
    for epoch in range(1, 11):
        value += (1 - config.rate - value) * 0.5
        bitjaru.report(epoch, value)
    print("a word of", config.rate)
    return value

if __name__ == "__main__":
    main()
"""
EXECUTORS = (
    "inline",
    "processes",
    "launcher",
    pytest.param("ray", marks=[pytest.mark.slow, pytest.mark.xdist_group("ray")]),
)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_every_executor_keeps_the_contract(executor: str, program: Path) -> None:
    """The same seed gives the same trials: complete, pruned and failed, each with its record, wherever they run."""
    (program / "contract.py").write_text(CONTRACT)
    wanted = ["hydra/sweeper/pruner=median", "hydra.sweeper.pruner.n_startup_trials=3", "hydra.sweeper.n_trials=14"]
    wanted += ["hydra.sweeper.sampler.seed=3", "hydra.sweeper.n_jobs=1", f"hydra/sweeper/executor={executor}"]
    wanted += ["hydra.sweeper.executor.address=null"] if executor == "ray" else []
    space = ["+rate=interval(0,1)", "hydra.sweeper.direction=maximize", "hydra.sweeper.study_name=s"]
    done = run(program, *SWEEPER, *wanted, *space, name="contract.py")
    assert done.returncode == 0, done.stdout + done.stderr
    trials = optuna.load_study(study_name="s", storage=f"sqlite:///{program}/optuna.db").trials
    states = "".join(trial.state.name[0] for trial in trials)
    assert states == "CFCCFFCCCPCPFP", states
    for trial in trials:
        (kept,) = program.glob(f"multirun/*/*/{trial.number}/.hydra/overrides.yaml")
        assert yaml.safe_load(kept.read_text()) == [f"+rate={trial.params['rate']}"]
    assert {len(trial.intermediate_values) for trial in trials if trial.state.name == "COMPLETE"} == {10}
    assert {trial.user_attrs["failure"]["message"] for trial in trials if trial.state.name == "FAIL"} == {
        "ValueError: the rate is too high"
    }


@pytest.mark.slow
def test_a_program_reports_its_epochs_by_one_call_and_is_pruned(program: Path) -> None:
    shutil.copy2(CHECKOUT / "examples" / "plain_program" / "pruned.py", program / "pruned.py")
    wanted = ["hydra/sweeper/pruner=median", "hydra.sweeper.pruner.n_startup_trials=3", "hydra.sweeper.n_trials=12"]
    space = ["+rate=interval(0,1)", "hydra.sweeper.direction=maximize", "hydra.sweeper.study_name=s"]
    done = run(program, *SWEEPER, *wanted, *space, name="pruned.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Error executing job" not in done.stderr
    trials = optuna.load_study(study_name="s", storage=f"sqlite:///{program}/optuna.db").trials
    states = [trial.state.name for trial in trials]
    assert set(states) == {"COMPLETE", "PRUNED"}
    assert {len(trial.intermediate_values) for trial in trials if trial.state.name == "COMPLETE"} == {10}
    assert all(len(trial.intermediate_values) < 10 for trial in trials if trial.state.name == "PRUNED")
    alone = run(program, "+rate=0.2", name="pruned.py")
    assert alone.returncode == 0, alone.stderr


OWN_KNOBS = {
    "scikit_learn": {"linear": {"model.linear.alpha"}, "network": {"model.network.units", "model.network.rate"}},
    "pytorch": {"linear": {"model.linear.rate"}, "network": {"model.network.units", "model.network.rate"}},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OWN_KNOBS)
def test_a_program_has_conditional_spaces_is_pruned_killed_and_resumed(name: str, tmp_path: Path) -> None:
    if name == "pytorch":
        pytest.importorskip("torch")
    folder = tmp_path / "theirs"
    shutil.copytree(CHECKOUT / "examples" / name, folder)
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
    for trial in trials:
        assert set(trial.params) == {"model"} | OWN_KNOBS[name][trial.params["model"]]
