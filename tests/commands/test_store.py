"""The terminal's view of the store: runs listed, compared, deleted and restored; the studies' dashboard."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from conftest import CHECKOUT
from mlflow import MlflowClient
from typer.testing import CliRunner

from bitjaru.commands.cli import app
from bitjaru.configuration import compose_config
from bitjaru.errors import BitjaruError, ConfigError, TrackingError
from bitjaru.reporting.sheet import LOG_WIDTH
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.sweep.study.dashboard import check
from bitjaru.tracking.serving import ui_server

SMALL = ["dataset.rows=300", "max_len=10", "trainer.epochs=1"]


def said(*arguments: str, answer: str | None = None) -> str:
    done = CliRunner().invoke(app, list(arguments), input=answer, catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output
    return done.output


def trained(folder: Path, *overrides: str) -> str:
    lines = [*SMALL, *overrides]
    choices = {"task": "sentiment", "dataset": "sample", "architecture": overrides[0].partition("=")[2]}
    request = Request(config=compose_config(lines), folder=folder, number=None, choices=choices, overrides=lines)
    return str(single_run.run(request).run_id)


@pytest.fixture(scope="module")
def project_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for name in ("conf", "sweeps"):
        (folder / name).symlink_to(CHECKOUT / name)
    return folder


@pytest.fixture(autouse=True)
def _at_home(project_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_HOME", str(project_home))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run_ids(project_home: Path) -> tuple[str, str]:
    kept = project_home / "ids"
    if not kept.exists():
        pair = [
            trained(project_home / "average", "architecture=average"),
            trained(project_home / "linear", "architecture=linear", "seed=7"),
        ]
        kept.write_text(" ".join(pair))
    one, other = kept.read_text().split()
    return one, other


def test_runs_are_listed_newest_first_with_intervals(run_ids: tuple[str, str]) -> None:
    one, other = run_ids
    lines = said("runs").splitlines()
    listed = [line for line in lines if one in line or other in line]
    assert [line.split()[0] for line in listed] == [other, one]
    assert all(re.search(r"FINISHED +0\.\d{4} \[0\.\d{4}, [01]\.\d{4}\]", line) for line in listed)
    filtered = said("runs", "--where", "tags.architecture = 'linear'")
    assert other in filtered
    assert one not in filtered
    assert "There is no such run" in said("runs", "--where", "metrics.test_accuracy > 2")


def test_a_filter_that_cannot_be_read_shows_one_that_can(run_ids: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"--where` must be a filter.*metrics.test_accuracy > 0.8"):
        said("runs", "--where", "good ones")
    with pytest.raises(TrackingError, match="must be a search or a grid"):
        said("runs", "--last")


def test_a_comparison_tells_what_differs_and_tests_the_pair(run_ids: tuple[str, str]) -> None:
    told = said("compare", *run_ids)
    assert re.search(r"^architecture +average +linear$", told, re.MULTILINE)
    assert re.search(r"^seed +42 +7$", told, re.MULTILINE)
    assert re.search(r"average – linear +[+-]\d+\.\d\d +\[.*\] +\d+ : \d+ +\S+ +\S+ +(tie|better|worse)", told)
    assert "Whoever chooses by the test part" in told
    assert "Whoever" not in said("compare", *run_ids, "--part", "valid")


def test_knobs_of_one_architecture_only_are_said_in_a_line_and_no_line_is_long(run_ids: tuple[str, str]) -> None:
    told = said("compare", *run_ids)
    assert max(map(len, told.splitlines())) <= LOG_WIDTH
    only = {line.partition(":")[0] for line in told.splitlines() if line.startswith("Only ")}
    assert only == {"Only average", "Only linear"}
    assert "inverse_regularization=4.0" in told.partition("Only linear: ")[2].partition("every pair")[0]
    assert not re.search(r"^inverse_regularization", told, re.MULTILINE)


def test_runs_that_differ_in_nothing_but_chance_have_no_table_of_differences(
    run_ids: tuple[str, str], tmp_path: Path
) -> None:
    again = trained(tmp_path / "again", "architecture=average")
    assert "what differs" not in said("compare", run_ids[0], again)


def test_a_comparison_of_one_run_or_of_other_data_is_refused(run_ids: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"two different runs\. Received: 1"):
        said("compare", run_ids[0], run_ids[0])
    with pytest.raises(BitjaruError, match=r"A run must exist\. Received: 'nothing'"):
        said("compare", run_ids[0], "nothing")
    elsewhere = trained(tmp_path / "other", "architecture=average", "dataset.rows=200")
    with pytest.raises(ConfigError, match="on the same data"):
        said("compare", run_ids[0], elsewhere)


def test_a_deleted_run_is_gone_and_comes_back(run_ids: tuple[str, str]) -> None:
    assert "Aborted" in said("delete", run_ids[1], answer="n\n")
    assert run_ids[1] in said("runs")
    assert "Deleted 1 run." in said("delete", run_ids[1], "--yes")
    assert run_ids[1] not in said("runs")
    assert "Restored" in said("restore", run_ids[1])
    assert run_ids[1] in said("runs")
    assert "it was not deleted" in said("restore", run_ids[1])


def test_a_registered_model_and_a_run_that_goes_on_are_not_deleted(
    run_ids: tuple[str, str], project_home: Path
) -> None:
    client = MlflowClient(f"sqlite:///{project_home}/mlruns/mlflow.db")
    client.create_registered_model("kept")
    client.create_model_version("kept", f"runs:/{run_ids[0]}/model", run_id=run_ids[0])
    going = client.create_run(client.get_run(run_ids[0]).info.experiment_id).info.run_id
    told = said("delete", run_ids[0], going, "--yes")
    assert "stays: kept version 1 is made of it" in told
    assert "stays: it is going on" in told
    assert "Nothing is deleted" in told
    client.set_terminated(going)


def test_runs_to_delete_must_be_said_in_one_way() -> None:
    with pytest.raises(ConfigError, match="Received: neither"):
        said("delete")
    with pytest.raises(ConfigError, match="Received: both"):
        said("delete", "a", "--where", "b")


def test_the_interface_opens_on_the_last_experiment_with_its_columns(
    run_ids: tuple[str, str], project_home: Path
) -> None:
    uri = f"sqlite:///{project_home}/mlruns/mlflow.db"
    page = ui_server.last_experiment(uri)
    found = MlflowClient(uri).get_experiment_by_name("sample")
    assert found is not None
    assert page.startswith(f"/#/experiments/{found.experiment_id}/runs?workflowType=machine_learning")
    view = json.loads(found.tags["mlflow.sharedViewState.bitjaru"])
    assert view["selectedColumns"] == ["tags.`architecture`", "metrics.`objective`", "metrics.`test_accuracy`"]
    # Sorted by a figure and filtered, MLflow nests nothing: parents would be collapsed, with dashes for figures.
    assert view["searchFilter"] == "tags.kind = 'run'"
    assert (view["orderByKey"], view["orderByAsc"]) == ("metrics.`objective`", False)
    assert MlflowClient(uri).search_runs([found.experiment_id], view["searchFilter"], order_by=[view["orderByKey"]])


def test_where_less_is_better_the_interface_begins_with_the_least(tmp_path: Path) -> None:
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    experiment = client.create_experiment("proverbs")
    client.create_run(experiment, tags={"direction": "minimize"})
    ui_server.last_experiment(f"sqlite:///{tmp_path}/mlflow.db")
    view = json.loads(client.get_experiment(experiment).tags["mlflow.sharedViewState.bitjaru"])
    assert view["orderByAsc"] is True


@pytest.mark.slow
def test_an_interface_that_is_terminated_leaves_no_server_behind(run_ids: tuple[str, str], project_home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bitjaru.commands.cli", "ui", "--port", str(port)]
    process = subprocess.Popen(command, cwd=project_home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/#/experiments/" in process.stdout.readline()
        wait_until_connected(port)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", port)) != 0


def wait_until_connected(port: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"Nothing listens on {port}.")


def test_the_dashboard_serves_the_studies_on_this_machine_only(project_home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bitjaru.commands.cli", "dashboard", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert f"http://127.0.0.1:{port}/dashboard/" in _answer(port, process)
        finally:
            process.kill()


def test_nobody_is_sent_to_a_dashboard_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'bitjaru\[dashboard\]'"):
        check("sqlite:///mlruns/optuna.db")


def _answer(port: int, process: "subprocess.Popen[str]") -> str:
    """Waits until it serves; returns what it has printed first."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=5) as answered:
                assert answered.status == 200
                assert process.stdout is not None
                return process.stdout.readline()
        except OSError:
            assert process.poll() is None
            time.sleep(0.1)
    raise TimeoutError
