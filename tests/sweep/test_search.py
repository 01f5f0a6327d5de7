"""Searches from the command line, as a user starts them."""

import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from optuna.trial import TrialState

from bitjaru.errors import ConfigError
from bitjaru.sweep.execution.program import Program
from bitjaru.sweep.search import Search
from bitjaru.sweep.settings import check
from sweep import program, runners
from sweep.space.test_space_reader import open_composition

SETTINGS: dict[str, Any] = {
    **yaml.safe_load((program.CONF / "hydra" / "sweeper" / "optuna.yaml").read_text()),
    "platform": None,
    "pruner": None,
    "sampler": {"_target_": "optuna.samplers.RandomSampler", "seed": 1},
    "executor": {
        "_target_": "bitjaru.sweep.execution.engines.WorkerProcesses",
        "trials_per_worker": 1,
        "threads": None,
        "gpus": None,
    },
}
for key in ("defaults", "_target_", "_recursive_"):
    del SETTINGS[key]
PROGRAM = Program("app.py", "app", "run", {}, None)
SPACE = ("model=choice(small,large,bare)", "x=interval(-5,5)")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return program.write(tmp_path / "app")


def succeeded(done: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
    assert done.returncode == 0, done.stderr
    return done


def study(app: Path, name: str = "mine") -> optuna.Study:
    return optuna.load_study(study_name=name, storage=f"sqlite:///{app}/mlruns/optuna.db")


@pytest.mark.slow
def test_a_search_that_is_killed_goes_on_with_the_same_command_and_then_has_nothing_left_to_do(app: Path) -> None:
    command = (*SPACE, "hydra.sweeper.n_trials=4", "hydra.sweeper.study_name=mine")
    assert program.run(app, *command, DIES_AT="2").returncode == -signal.SIGKILL
    before = study(app).trials
    assert [trial.state for trial in before] == [TrialState.COMPLETE] * 2 + [TrialState.RUNNING]

    goes_on = succeeded(program.run(app, *command))
    assert "Trial 2 begins (taken up again)" in goes_on.stdout
    after = study(app).trials
    assert [trial.state for trial in after] == [TrialState.COMPLETE] * 4
    assert [trial.params for trial in after[:3]] == [trial.params for trial in before]

    again = succeeded(program.run(app, *command))
    assert "The study mine has its 4 trials already." in again.stdout
    assert "Best: trial" in again.stdout
    heard = (app / "sweeps_of_this_program" / "heard").read_text().splitlines()
    assert heard == ["begin", "finish"]


@pytest.mark.slow
def test_a_search_may_begin_with_every_option_as_its_files_describe_it(app: Path) -> None:
    command = (*SPACE, "hydra.sweeper.defaults_first=true", "hydra.sweeper.study_name=mine", "hydra.sweeper.n_trials=5")
    assert program.run(app, *command, DIES_AT="1").returncode == -signal.SIGKILL
    succeeded(program.run(app, *command))
    trials = study(app).trials
    assert [trial.params for trial in trials[:3]] == [
        {"model": "small", "x": 1.0, "model.small.units": 4, "model.small.dropout": 0.1},
        {"model": "large", "x": 1.0, "model.large.units": 64, "model.large.layers": 2, "model.large.inner.width": 3},
        {"model": "bare", "x": 1.0},
    ]
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 5
    assert all(trial.params["x"] != 1.0 for trial in trials[3:])


@pytest.mark.slow
def test_the_platform_hears_of_what_breaks_a_search_off(app: Path) -> None:
    done = program.run(app, *SPACE, "hydra.sweeper.n_trials=2", DIES_AT="1", SIGNAL=str(int(signal.SIGINT)))
    assert done.returncode != 0
    assert "broken off by KeyboardInterrupt" in done.stdout
    assert not (app / "sweeps_of_this_program" / "heard").exists()


def test_a_default_that_is_not_searched_is_left_to_the_sampler(app: Path) -> None:
    ranges = ("model=choice(small,large)", "x=interval(2,5)", "model.units=choice(8,16,64)")
    options = ("hydra.sweeper.defaults_first=true", "hydra.sweeper.study_name=mine", "hydra.sweeper.n_trials=2")
    succeeded(program.run(app, *ranges, *options))
    first, second = (trial.params for trial in study(app).trials)
    assert [first["model"], second["model"], second["model.units"]] == ["small", "large", 64]
    assert first["model.units"] in {8, 16, 64}
    assert 2 < first["x"] != second["x"] > 2


def test_a_default_may_be_a_list(app: Path) -> None:
    (app / "conf" / "model" / "bare.yaml").write_text("sizes: [3, 4]\n")
    (app / "conf" / "model" / "space" / "bare.yaml").write_text("sizes: choice([2], [3, 4])\n")
    options = ("hydra.sweeper.defaults_first=true", "hydra.sweeper.study_name=mine", "hydra.sweeper.n_trials=1")
    succeeded(program.run(app, "model=choice(bare)", *options))
    assert study(app).trials[0].system_attrs["fixed_params"] == {"model": "bare", "model.bare.sizes": "[3,4]"}


def test_a_grid_needs_no_defaults_ahead(app: Path) -> None:
    options = ("hydra/sweeper/sampler=grid", "hydra.sweeper.defaults_first=true", "hydra.sweeper.study_name=mine")
    succeeded(program.run(app, "model=choice(large,bare)", "hydra.sweeper.spaces=[]", *options))
    assert [trial.params for trial in study(app).trials] == [{"model": "large"}, {"model": "bare"}]


def test_workers_start_while_the_search_prepares(app: Path) -> None:
    succeeded(program.run(app, *SPACE, "hydra.sweeper.n_trials=1", PREPARES_UNTIL_WARM="30"))
    heard = (app / "sweeps_of_this_program" / "heard").read_text().splitlines()
    assert heard[:4] == ["begin", "prepare 3", "a worker is warm: True", "started 0"]


@pytest.mark.slow
def test_what_a_search_leaves_behind_can_be_run_again(app: Path) -> None:
    done = succeeded(program.run(app, *SPACE, "hydra.sweeper.n_trials=3", "hydra.sweeper.plots=true", "seed=9"))
    folder = app / "sweeps_of_this_program"
    found = yaml.safe_load((folder / "optimization_results.yaml").read_text())
    (best,) = yaml.safe_load((folder / "best.yaml").read_text())["best"]
    assert best["values"] == [found["best_value"]]
    assert best["command"] in done.stdout
    assert "seed=9" in best["overrides"]
    assert {f"x={found['best_params']['x']}", f"model={found['best_params']['model']}"} <= set(best["overrides"])
    for name in ("optimization_history", "intermediate_values", "timeline"):
        assert (folder / "plots" / f"{name}.png").stat().st_size > 1000
        assert (folder / "plots" / f"{name}.html").exists()
    heard = (folder / "heard").read_text().splitlines()
    assert heard == [
        "begin",
        "prepare 3",
        *(line for n in range(3) for line in (f"started {n}", f"COMPLETE {n} run-{n}")),
        "finish",
    ]
    composed = yaml.safe_load((folder / "0" / ".hydra" / "config.yaml").read_text())
    assert composed["seed"] == 9
    assert yaml.safe_load((folder / "multirun.yaml").read_text())["hydra"]["sweeper"]["n_trials"] == 3


def test_the_plan_shows_each_options_space_and_the_time_and_runs_nothing(app: Path) -> None:
    done = succeeded(
        program.run(app, *SPACE, "hydra.sweeper.plan=true", "hydra.sweeper.n_trials=30", "hydra.sweeper.n_jobs=2")
    )
    assert re.search(r"model=large .*x .*\n.*model\.units .*choice\(64, 128, 256\).*\n.*model\.layers", done.stdout)
    assert "30 trials, 0 of them done, 2 at a time" in done.stdout
    # (4 + 64 + 2) / 3 seconds a trial, 30 trials, 2 at a time.
    assert "About 6 minutes without pruning" in done.stdout
    assert not (app / "sweeps_of_this_program").exists()
    assert optuna.get_all_study_names(f"sqlite:///{app}/mlruns/optuna.db") == []


@pytest.mark.slow
def test_a_new_study_never_writes_into_another_ones_folders(app: Path) -> None:
    succeeded(program.run(app, *SPACE, "hydra.sweeper.n_trials=1", "hydra.sweeper.study_name=first"))
    second = program.run(app, *SPACE, "hydra.sweeper.n_trials=1", "hydra.sweeper.study_name=second")
    assert "must be a folder without trials when a study begins" in second.stderr
    assert optuna.get_all_study_names(f"sqlite:///{app}/mlruns/optuna.db") == ["first"]


@pytest.mark.slow
def test_a_program_written_for_the_official_plugin_runs_unchanged(app: Path) -> None:
    (app / "conf" / "config.yaml").write_text(
        """
defaults:
  - _self_
  - override hydra/sweeper: optuna
  - override hydra/sweeper/sampler: random
  - override hydra/sweeper/executor: launcher
hydra:
  sweep: {dir: out}
  sweeper:
    platform: null
    sampler: {seed: 123}
    direction: minimize
    study_name: sphere
    storage: null
    n_trials: 4
    n_jobs: 2
    max_failure_rate: 0.0
    params:
      x: range(-5.5, 5.5, step=0.5)
x: 1
"""
    )
    done = succeeded(program.plain(app))
    assert "Best: trial" in done.stdout
    assert yaml.safe_load((app / "out" / "optimization_results.yaml").read_text())["name"] == "optuna"
    assert (app / "out" / "3" / ".hydra" / "overrides.yaml").exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_trials": 0}, "`hydra.sweeper.n_trials`: Input should be greater than 0. Received: 0."),
        ({"n_jobs": 0}, "`hydra.sweeper.n_jobs`: Input should be greater than 0"),
        ({"direction": "up"}, "must be minimize or maximize"),
        ({"direction": ["maximize", "minimize"], "objectives": ["accuracy"]}, "one direction for each"),
        (
            {"direction": ["maximize", "minimize"], "platform": f"{runners.__name__}:Minimizing"},
            "one direction for each objective. Received: direction=['maximize', 'minimize'] for the task's own",
        ),
        ({"platform": "no.such:Thing"}, "must be `package.module:name` and exist"),
        ({"max_failure_rate": 2}, "`hydra.sweeper.max_failure_rate`: Input should be less than or equal to 1"),
        ({"spaces": ["modell"]}, "must name config groups. Received: modell"),
        ({"trial": 3}, "`hydra.sweeper.trial`: Unexpected keyword argument"),
        ({"pruner": {"_target_": "optuna.pruners.ThresholdPruner"}}, "Either lower or upper must be specified"),
        ({"sampler": {"_target_": "optuna.samplers.TPESampler", "sed": 1}}, "sed"),
        ({"sampler": {}}, "must have a `_target_`"),
        (
            {"executor": {**SETTINGS["executor"], "gpus": "all"}},
            "`hydra.sweeper.executor.gpus`: Input should be a valid",
        ),
        (
            {"executor": {**SETTINGS["executor"], "threads": 0}},
            "`hydra.sweeper.executor.threads`: Input should be greater than 0. Received: 0.",
        ),
        ({"executor": {"_target_": "bitjaru.sweep.execution.engines.WorkerProcesses"}}, "hydra.sweeper.executor"),
    ],
)
def test_wrong_settings_are_refused_before_any_trial(app: Path, wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        Search.read(
            check({**SETTINGS, **wrong}), ["x=interval(0,1)"], open_composition(app / "conf"), app, program=PROGRAM
        )


def test_more_workers_than_cores_are_allowed_and_said(app: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = check({**SETTINGS, "n_jobs": 99})
    Search.read(settings, ["x=interval(0,1)"], open_composition(app / "conf"), app, program=PROGRAM)
    assert "n_jobs=99 is more than the" in caplog.text


@pytest.mark.slow
def test_a_search_goes_on_in_its_first_folder_even_where_the_program_names_folders_by_the_time(app: Path) -> None:
    command = (*SPACE, "hydra.sweeper.study_name=mine", "hydra.sweep.dir=out/${now:%H-%M-%S-%f}")
    succeeded(program.run(app, *command, "hydra.sweeper.n_trials=1"))
    succeeded(program.run(app, *command, "hydra.sweeper.n_trials=3"))
    (folder,) = (app / "out").iterdir()
    assert {"0", "1", "2"} <= {path.name for path in folder.iterdir()}
    assert all((folder / number / ".hydra" / "config.yaml").exists() for number in "012")
