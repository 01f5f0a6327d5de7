"""What happens ahead of a search's first trial."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest
from conftest import CHECKOUT
from mlflow import MlflowClient
from mlflow.entities import Run
from omegaconf import OmegaConf

from bitjaru.configuration import compose_config
from bitjaru.outcome import Outcome
from bitjaru.preparation import sharing
from bitjaru.runs import trial
from bitjaru.runs.search_run import SearchRun
from bitjaru.runs.trial import SHARED, LatestData, data_of, run_trial, shared_folder
from bitjaru.sweep.execution.jobs import Job


def config(*overrides: str) -> dict[str, Any]:
    plain: Any = OmegaConf.to_container(compose_config(overrides), resolve=True)
    return dict(plain)


@pytest.mark.parametrize(("option", "mlflow"), [("local", True), ("off", False)])
def test_workers_import_ahead_what_trials_need_and_mlflow_only_where_runs_are_tracked(
    option: str, mlflow: bool
) -> None:
    platform = SearchRun()
    platform.directions(config(f"tracking={option}"))
    module, _, function = platform.warm_up.partition(":")
    code = f"import sys, {module}; {module}.{function}(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"tensorflow", "keras", "bitjaru.training.epochs"} <= loaded
    assert ("mlflow.store.tracking.sqlalchemy_store" in loaded) is mlflow


def test_what_is_prepared_alike_is_prepared_once_and_kept_while_trials_run(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configs = [config("architecture=lstm"), config("architecture=gru"), config("architecture=gru", "max_len=20")]
    with caplog.at_level(logging.INFO, logger="bitjaru"), SearchRun().prepared(configs, tmp_path):
        shared = [sharing.read(shared_folder(tmp_path, data_of(each))) for each in configs]
    assert [each and each.examples.train.inputs.shape[1] for each in shared] == [30, 30, 20]
    assert sum(record.message.startswith("Tokens of 6,000 texts") for record in caplog.records) == 2
    assert not (tmp_path / SHARED).exists()


def test_a_worker_takes_what_the_search_prepared(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = config("dataset.rows=300", "trainer.epochs=1", "tracking=off", "architecture=average")
    platform, search = SearchRun(), tmp_path / "search"
    platform.directions(node)
    platform.begin(optuna.create_study(), search)
    with platform.prepared([node], search), caplog.at_level(logging.INFO, logger="bitjaru"):
        caplog.clear()
        monkeypatch.setattr(trial, "LATEST", LatestData())  # that of another process
        values = run_trial(job(0, node, search / "0"), Unpruned()).values
        assert not any(record.message.startswith("Tokens of") for record in caplog.records)
    monkeypatch.setattr(trial, "LATEST", LatestData())
    assert run_trial(job(1, node, search / "1"), Unpruned()).values == values


@pytest.mark.slow
def test_what_one_worker_prepared_another_takes(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = ("dataset.rows=300", "trainer.epochs=1", "tracking=off", "architecture=average")
    first, other = config(*small), config(*small, "max_len=12")
    platform, search = SearchRun(), tmp_path / "search"
    platform.directions(first)
    platform.begin(optuna.create_study(), search)
    with platform.prepared([first], search), caplog.at_level(logging.INFO, logger="bitjaru"):
        caplog.clear()
        for number in (0, 1):
            monkeypatch.setattr(trial, "LATEST", LatestData())  # that of another process
            run_trial(job(number, other, search / str(number)), Unpruned())
        assert sum(record.message.startswith("Tokens of 300 texts") for record in caplog.records) == 1


def test_where_shared_data_cannot_be_kept_workers_prepare_it(
    home: Path, full_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING, logger="bitjaru"),
        SearchRun().prepared([config("dataset.rows=300")], full_disk),
    ):
        pass
    assert "Each worker prepares the data itself" in caplog.text


class Unpruned:
    """The line to a sweep that prunes nothing."""

    def report(self, epoch: int, value: float) -> bool:
        assert epoch == 1
        assert 0 <= value <= 1
        return False

    def remember(self, name: str, value: object) -> None:
        assert (name, value) == ("run_id", None)


@pytest.mark.slow
def test_trials_of_one_worker_prepare_anew_only_what_differs_in_its_data(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "LATEST", LatestData())
    small = ("dataset.rows=300", "trainer.epochs=1", "tracking=off")
    different = ("architecture=average", "architecture=simplernn", "max_len=12")
    configs = [config(*small, override) for override in different]
    platform = SearchRun()
    platform.directions(configs[0])
    platform.begin(optuna.create_study(), tmp_path / "search")
    values: list[float] = []
    with caplog.at_level(logging.INFO, logger="bitjaru"):
        for number, node in enumerate(configs):
            folder = tmp_path / "search" / str(number)
            values += run_trial(job(number, node, folder), Unpruned()).values
    assert len(values) == len(configs)
    assert sum(record.message.startswith("Tokens of 300 texts") for record in caplog.records) == 2
    assert Outcome.load(tmp_path / "search" / "1").rows == Outcome.load(tmp_path / "search" / "0").rows


def searches(home: Path) -> list[Run]:
    client = MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name("sample")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id], "tags.kind = 'search'"))


@pytest.mark.slow
def test_a_search_that_ends_with_an_error_has_failed_and_the_same_command_goes_on_in_the_same_run(home: Path) -> None:
    command = [
        *(sys.executable, str(CHECKOUT / "train.py"), "-m", "hydra/sweeper=optuna", "hydra.sweeper.plots=false"),
        *("hydra.sweeper.study_name=broken", "hydra.sweeper.n_trials=2", "hydra.sweeper.max_failure_rate=0"),
        *("hydra.sweeper.spaces=[]", "architecture=linear", "dataset.rows=300", "architecture.longest=choice(1,2)"),
    ]
    broken = subprocess.run([*command, "hydra.sweeper.trial_timeout=0.01"], capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "At most 0% of the trials may fail" in broken.stderr
    (failed,) = searches(home)
    assert failed.info.status == "FAILED"
    assert failed.data.tags["reason"].startswith("HopelessError: At most 0% of the trials may fail")

    mended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    (finished,) = searches(home)
    assert (finished.info.run_id, finished.info.status) == (failed.info.run_id, "FINISHED")
    assert "reason" not in finished.data.tags
    assert (finished.data.tags["trials_fail"], finished.data.tags["trials_complete"]) == ("1", "1")


@pytest.mark.slow
def test_a_linear_model_gets_no_learning_rate_though_others_of_its_search_do(home: Path) -> None:
    command = [
        *(sys.executable, str(CHECKOUT / "train.py"), "-m", "hydra/sweeper=optuna", "hydra.sweeper.plots=false"),
        *("hydra.sweeper.study_name=mixed", "hydra.sweeper.n_trials=3", "hydra.sweeper.defaults_first=true"),
        *("architecture=choice(linear,average)", "optimizer.learning_rate=tag(log,interval(1e-4,1e-1))"),
        *("dataset.rows=300", "max_len=12", "trainer.epochs=1"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = (home / "multirun").glob("*/*")
    outcomes = [Outcome.load(folder / number) for number in "012"]
    assert {outcome.choices["architecture"] for outcome in outcomes} == {"linear", "average"}
    for outcome in outcomes:
        keys = {line.partition("=")[0] for line in outcome.overrides}
        assert ("optimizer.learning_rate" in keys) == (outcome.choices["architecture"] == "average")


def test_a_search_that_the_user_breaks_off_is_killed_until_it_goes_on(home: Path) -> None:
    study, folder, statuses = optuna.create_study(), home / "multirun" / "mine", []
    for _ in range(2):
        platform = SearchRun()
        platform.directions(config())
        platform.begin(study, folder)
        statuses.append([run.info.status for run in searches(home)])
        platform.broken_off(KeyboardInterrupt())
        statuses.append([run.info.status for run in searches(home)])
    assert statuses == [["RUNNING"], ["KILLED"]] * 2


def job(number: int, node: dict[str, Any], folder: Path) -> Job:
    return Job(number=number, overrides=(), config=node, choices={}, folder=folder, attempt=0, resume=False, notes={})
