"""A run as MLflow shows it afterwards, over a real database file."""

import dataclasses
import json
import logging
import math
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient

import bitjaru
from bitjaru.data.reviews import Corpus
from bitjaru.errors import TrackingError
from bitjaru.outcome import Outcome, Status
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.runs import recovery, synchronization
from bitjaru.tracking.runs import run as tracking_run
from bitjaru.tracking.runs.run import Run
from bitjaru.tracking.runs.synchronization import send

Begin = Callable[..., Run]
Local = Callable[..., Tracking]


def test_a_run_shows_its_name_config_and_tags_while_it_goes_on(begin: Begin, client: MlflowClient) -> None:
    run = begin()
    shown = client.get_run(str(run.run_id))
    assert shown.info.run_name == "lstm"
    assert shown.info.status == "RUNNING"
    assert shown.data.params == {"seed": "42", "architecture.units": "128", "architecture.layers": "[1, 2]"}
    expected = {
        "kind": "run",
        "seed": "42",
        "overrides": '["architecture=lstm", "seed=42"]',
        "folder": str(run.folder),
        "bitjaru.version": bitjaru.__version__,
        "mlflow.runName": "lstm",
    }
    assert expected.items() <= shown.data.tags.items()
    assert "number" not in shown.data.tags


@pytest.fixture
def first_of_process(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that begins in a process which has not imported MLflow yet."""
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "mlflow")
        return begin()


def test_the_first_run_of_a_process_is_kept_until_training_has_begun(
    first_of_process: Run, corpus: Corpus, client: MlflowClient
) -> None:
    first_of_process.data(corpus)
    assert first_of_process.run_id is None
    first_of_process.send_meanwhile()
    first_of_process.catch_up()
    shown = client.get_run(str(first_of_process.run_id))
    assert (shown.info.run_name, shown.info.status) == ("lstm", "RUNNING")
    assert shown.data.tags["data_sha256"] == corpus.sha256


def test_a_first_run_that_fails_before_training_is_sent_whole(
    first_of_process: Run, client: MlflowClient, outcome: Outcome
) -> None:
    first_of_process.finish(dataclasses.replace(outcome, status="FAILED", reason="DataError: nothing there"))
    shown = client.get_run(str(first_of_process.run_id))
    assert (shown.info.status, shown.data.tags["reason"]) == ("FAILED", "DataError: nothing there")


def test_what_is_told_while_a_run_is_being_sent_comes_after_it(
    first_of_process: Run, client: MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    monkeypatch.setattr(tracking_run, "send", lambda folder: go.wait(60) and synchronization.send(folder))
    first_of_process.send_meanwhile()
    threading.Timer(0.2, go.set).start()
    first_of_process.log(1, {"train_loss": 0.5})
    assert client.get_run(str(first_of_process.run_id)).data.metrics == {"train_loss": 0.5}


def test_a_run_is_in_the_experiment_of_its_data_with_artifacts_in_the_root(
    begin: Begin, mlruns: Path, client: MlflowClient
) -> None:
    run = begin()
    shown = client.get_run(str(run.run_id))
    experiment = client.get_experiment(shown.info.experiment_id)
    assert experiment.name == "nsmc"
    packages = mlruns / "artifacts" / "nsmc" / shown.info.run_id / "artifacts" / "environment" / "packages.txt"
    assert f"bitjaru=={bitjaru.__version__}" in packages.read_text().splitlines()


def test_the_config_can_name_another_experiment(begin: Begin, local: Local, mlruns: Path, client: MlflowClient) -> None:
    run = begin("lstm", dataclasses.replace(local(mlruns), experiment="모음"))
    experiment = client.get_experiment(client.get_run(str(run.run_id)).info.experiment_id)
    assert experiment.name == "모음"


def test_figures_of_an_epoch_stand_at_that_epoch(begin: Begin, client: MlflowClient) -> None:
    run = begin()
    numbers: list[Any] = [np.float32(0.5), np.float32(0.75)]
    run.log(1, {"train_loss": 0.7, "valid_accuracy": numbers[0]})
    run.log(2, {"train_loss": math.nan, "valid_accuracy": numbers[1]})
    curve = client.get_metric_history(str(run.run_id), "valid_accuracy")
    assert [(point.step, point.value) for point in curve] == [(1, 0.5), (2, 0.75)]
    assert math.isnan(client.get_metric_history(str(run.run_id), "train_loss")[1].value)


def test_an_epoch_costs_one_call(begin: Begin, client: MlflowClient, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin()
    calls = []
    for name in ("log_batch", "log_metric", "get_run", "set_tag"):
        monkeypatch.setattr(MlflowClient, name, lambda *_, name=name, **__: calls.append(name))
    run.log(1, {f"metric_{number}": number for number in range(20)})
    assert calls == ["log_batch"]


def test_each_part_of_the_data_is_an_input_with_its_full_sha256(
    begin: Begin, client: MlflowClient, corpus: Corpus
) -> None:
    run = begin()
    run.data(corpus)
    shown = client.get_run(str(run.run_id))
    assert shown.inputs is not None
    inputs = {
        next(tag.value for tag in each.tags if tag.key == "mlflow.data.context"): each
        for each in shown.inputs.dataset_inputs
    }
    assert {part: each.dataset.digest for part, each in inputs.items()} == {
        "train": "4a44a81d3b38-train-6",
        "valid": "4a44a81d3b38-valid-3",
        "test": "4a44a81d3b38-test-2",
    }
    assert {each.dataset.name for each in inputs.values()} == {"nsmc"}
    told = json.loads(str(inputs["train"].dataset.profile))
    assert (told["num_rows"], sum(told["labels"].values())) == (6, 6)
    assert told["characters"]["longest"] == max(map(len, corpus.splits.train.texts))
    assert json.loads(inputs["train"].dataset.source) == {"url": corpus.source}
    assert ("sha256", corpus.sha256) in {(tag.key, tag.value) for tag in inputs["test"].tags}
    assert shown.data.tags["data_sha256"] == corpus.sha256


def test_a_folder_of_artifacts_arrives_as_it_is(begin: Begin, client: MlflowClient) -> None:
    run = begin()
    plots = run.folder / "plots"
    (plots / "curves").mkdir(parents=True)
    (plots / "curves" / "loss.png").write_bytes(b"png")
    (plots / "layers.txt").write_text("층")
    run.artifacts(plots)
    run.artifacts(plots, "again")
    names = {each.path for each in client.list_artifacts(str(run.run_id))}
    assert names == {"environment", "curves", "layers.txt", "again"}
    assert [each.path for each in client.list_artifacts(str(run.run_id), "curves")] == ["curves/loss.png"]


def test_a_finished_run_has_its_figures_and_no_point_that_is_no_epoch(
    begin: Begin, client: MlflowClient, outcome: Outcome
) -> None:
    run = begin()
    run.log(1, {"valid_accuracy": 0.8})
    run.log(2, {"valid_accuracy": 0.75})
    run.finish(outcome)
    shown = client.get_run(str(run.run_id))
    assert shown.info.status == "FINISHED"
    assert shown.info.end_time >= shown.info.start_time
    assert "reason" not in shown.data.tags
    assert shown.data.metrics == {
        "valid_accuracy": 0.75,
        "best_valid_accuracy": 0.8,
        "test_accuracy": 0.7,
        "test_loss": 0.5,
        "objective": 0.8,
        "weights": 1025,
        "best_epoch": 1,
        "kept_epoch": 1,
        "epoch_seconds": 1.5,
        "total_seconds": 4.0,
    }
    assert len(client.get_metric_history(str(run.run_id), "valid_accuracy")) == 2


def test_where_the_last_weights_are_kept_the_best_epoch_is_told_beside_them(
    begin: Begin, client: MlflowClient, outcome: Outcome
) -> None:
    run = begin()
    last = {**outcome.metrics, "valid_accuracy": 0.75}
    run.finish(dataclasses.replace(outcome, kept_epoch=2, objective=0.75, metrics=last))
    told = client.get_run(str(run.run_id)).data.metrics
    names = ("best_epoch", "kept_epoch", "best_valid_accuracy", "kept_valid_accuracy", "objective")
    assert [told[name] for name in names] == [1, 2, 0.8, 0.75, 0.75]


@pytest.mark.parametrize("ending", [("KILLED", "pruned"), ("FAILED", "The loss is not a number.")])
def test_a_run_that_did_not_finish_says_why(
    begin: Begin, client: MlflowClient, outcome: Outcome, ending: tuple[Status, str]
) -> None:
    run = begin()
    status, reason = ending
    run.finish(dataclasses.replace(outcome, status=status, reason=reason, metrics={}, objective=None, best_epoch=None))
    shown = client.get_run(str(run.run_id))
    assert shown.info.status == status
    assert shown.data.tags["reason"] == reason


def test_runs_of_a_grid_are_children_in_the_experiment_of_their_parent(
    begin: Begin, local: Local, mlruns: Path, client: MlflowClient, tmp_path: Path
) -> None:
    parent = local(mlruns).start(tmp_path / "multirun", name="grid", kind="grid", experiment="both", config={}, tags={})
    children = [begin(name, local(mlruns, parent.folder)) for name in ("lstm", "gru")]
    for child in children:
        child.end("FINISHED", None)
    parent.end("FINISHED", None)
    shown = client.get_run(str(children[1].run_id))
    assert shown.data.tags["mlflow.parentRunId"] == parent.run_id
    assert shown.info.experiment_id == client.get_run(str(parent.run_id)).info.experiment_id


def test_a_parent_that_is_no_run_is_refused(begin: Begin, local: Local, mlruns: Path, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"must hold `tracking/journal.jsonl`"):
        begin("lstm", local(mlruns, tmp_path / "nothing"))


def test_a_run_goes_on_under_the_same_id_after_its_end(begin: Begin, client: MlflowClient) -> None:
    run = begin()
    run.log(1, {"train_loss": 0.7})
    run.end("KILLED", "interrupted")
    again = Run.reopen(run.folder)
    assert again.run_id == run.run_id
    shown = client.get_run(str(run.run_id))
    assert shown.info.status == "RUNNING"
    assert "reason" not in shown.data.tags
    again.log(2, {"train_loss": 0.6})
    again.end("FINISHED", None)
    shown = client.get_run(str(run.run_id))
    assert shown.info.status == "FINISHED"
    assert [point.step for point in client.get_metric_history(str(run.run_id), "train_loss")] == [1, 2]


def test_a_folder_takes_one_run_only(begin: Begin) -> None:
    begin().end("FINISHED", None)
    with pytest.raises(TrackingError, match="must be new"):
        begin()
    assert Run.reopen(begin("gru").folder.with_name("lstm")).run_id is not None


def test_a_run_is_of_one_process_at_a_time(begin: Begin) -> None:
    run = begin()
    with pytest.raises(TrackingError, match="One process at a time"):
        Run.reopen(run.folder)
    assert recovery.abandoned(run.folder.parent) == []


@pytest.mark.slow
def test_a_run_whose_process_was_killed_is_found_and_can_go_on(
    mlruns: Path, tmp_path: Path, client: MlflowClient
) -> None:
    code = (
        "import os, sys; from pathlib import Path\n"
        "from bitjaru.tracking.destination import Tracking\n"
        "mlruns, folder = sys.argv[1:]\n"
        "uri, root = f'sqlite:///{mlruns}/mlflow.db', f'{mlruns}/artifacts'\n"
        "tracking = Tracking(uri=uri, experiment=None, artifact_root=root, parent=None)\n"
        "run = tracking.start(Path(folder), name='a', kind='run', experiment='nsmc', config={}, tags={})\n"
        "run.log(1, {'train_loss': 0.7})\n"
        "os.kill(os.getpid(), 9)"
    )
    arguments = [sys.executable, "-c", code, str(mlruns), str(tmp_path / "a")]
    assert subprocess.run(arguments, check=False, capture_output=True).returncode == -9
    assert recovery.abandoned(tmp_path) == [tmp_path / "a"]
    run = Run.reopen(tmp_path / "a")
    assert recovery.abandoned(tmp_path) == []
    run.log(2, {"train_loss": 0.6})
    run.end("FINISHED", None)
    assert recovery.abandoned(tmp_path) == []
    assert [point.step for point in client.get_metric_history(str(run.run_id), "train_loss")] == [1, 2]


def test_what_mlflow_got_before_the_process_died_is_not_sent_twice(
    begin: Begin, client: MlflowClient, corpus: Corpus, outcome: Outcome
) -> None:
    run = begin()
    run.data(corpus)
    run.log(1, {"train_loss": 0.7, "valid_accuracy": 0.8})
    run.finish(outcome)
    before = client.get_run(str(run.run_id)).to_dictionary()
    (run.folder / "tracking" / "progress.json").unlink()
    assert send(run.folder) == len((run.folder / "tracking" / "journal.jsonl").read_text().splitlines())
    assert run.run_id == before["info"]["run_id"]
    assert client.get_run(str(run.run_id)).to_dictionary() == before
    assert len(client.get_metric_history(str(run.run_id), "train_loss")) == 1


def test_without_tracking_a_run_is_kept_in_its_folder_and_goes_nowhere(
    begin: Begin, outcome: Outcome, corpus: Corpus, caplog: pytest.LogCaptureFixture
) -> None:
    off = Tracking(uri=None, experiment=None, artifact_root=None, parent=None)
    off.prepare("nsmc")
    run = begin("lstm", off)
    run.data(corpus)
    run.log(1, {"train_loss": 0.7})
    run.model(run.folder / "no bundle", examples=["영화"])
    run.finish(outcome)
    assert run.run_id is None
    assert recovery.unsent(run.folder.parent) == []
    assert send(run.folder) == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_several_runs_in_one_process_do_not_mix(begin: Begin, client: MlflowClient) -> None:
    first, second = begin("first"), begin("second")
    second.log(1, {"train_loss": 2.0})
    first.log(1, {"train_loss": 1.0})
    first.end("FINISHED", None)
    second.log(2, {"train_loss": 2.5})
    second.end("FAILED", "no")
    assert client.get_run(str(first.run_id)).data.metrics == {"train_loss": 1.0}
    assert client.get_run(str(second.run_id)).data.metrics == {"train_loss": 2.5}
