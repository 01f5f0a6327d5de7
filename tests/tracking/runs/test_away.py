"""A real server that is killed and comes back, and an address where nobody listens."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from mlflow import MlflowClient

from bitjaru.data.reviews import Corpus
from bitjaru.errors import TrackingError
from bitjaru.outcome import Outcome
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.runs import recovery, run
from bitjaru.tracking.runs.run import Run
from bitjaru.tracking.runs.synchronization import send
from bitjaru.tracking.serving import ui_server

Begin = Callable[..., Run]
Local = Callable[..., Tracking]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def at(port: int, parent: Path | None = None) -> Tracking:
    return Tracking(
        uri=f"http://127.0.0.1:{port}",
        experiment=None,
        artifact_root=None,
        parent=None if parent is None else str(parent),
    )


class Server:
    """`bitjaru ui` in a process group of its own."""

    def __init__(self, tracking: Tracking) -> None:
        self.port = free_port()
        command = ui_server.command(tracking, port=self.port)
        # A server for several machines takes artifacts over HTTP.
        self._command = [*command, "--default-artifact-root", "mlflow-artifacts:/"]
        self._process: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        environment = {**os.environ, **ui_server.environment()}
        self._process = subprocess.Popen(
            self._command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                if requests.get(f"http://127.0.0.1:{self.port}/health", timeout=1).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def mlflow_server(local: Local, mlruns: Path) -> Iterator[Server]:
    made = Server(local(mlruns))
    made.up()
    yield made
    made.kill()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("bitjaru.tracking")]


def write_artifacts(tracked: Run) -> None:
    (tracked.folder / "report").mkdir()
    (tracked.folder / "report" / "loss.txt").write_text("0.7")
    tracked.artifacts(tracked.folder / "report", "report")


def assert_complete(client: MlflowClient, tracked: Run, epochs: int) -> None:
    """Everything is there, and once."""
    shown = client.get_run(str(tracked.run_id))
    assert shown.info.status == "FINISHED"
    assert shown.data.params["architecture.units"] == "128"
    assert shown.inputs is not None
    assert len(shown.inputs.dataset_inputs) == 3
    curve = client.get_metric_history(str(tracked.run_id), "train_loss")
    assert [point.step for point in curve] == list(range(1, epochs + 1))
    assert {each.path for each in client.list_artifacts(str(tracked.run_id))} == {"environment", "report"}
    same_name = client.search_runs([shown.info.experiment_id], f"tags.`mlflow.runName` = '{shown.info.run_name}'")
    assert len(same_name) == 1


@pytest.mark.slow
def test_nothing_is_lost_when_the_server_is_killed_and_comes_back(
    mlflow_server: Server,
    begin: Begin,
    corpus: Corpus,
    outcome: Outcome,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    tracking = at(mlflow_server.port)
    tracking.prepare("nsmc")
    middle, end = begin("middle", tracking), begin("end", tracking)
    for each in (middle, end):
        each.data(corpus)
        each.log(1, {"train_loss": 0.7})
    assert warnings(caplog) == []

    mlflow_server.kill()
    started = time.monotonic()
    tracking.prepare("nsmc")
    parent = tracking.start(tmp_path / "grid", name="grid", kind="grid", experiment="nsmc", config={}, tags={})
    child = begin("child", at(mlflow_server.port, parent.folder))
    child.data(corpus)
    child.log(1, {"train_loss": 0.8})
    for each in (child, middle, end):
        each.log(2, {"train_loss": 0.6})
        each.log(3, {"train_loss": 0.5})
        write_artifacts(each)
    for each in (child, end):
        each.finish(outcome)
    parent.end("FINISHED", None)
    assert time.monotonic() - started < 30
    assert child.run_id is None
    said = warnings(caplog)
    assert sum("the run goes on and is kept" in line for line in said) == 4
    assert sum("`bitjaru doctor` sends it" in line for line in said) == 3
    assert {each.folder for each in recovery.unsent(tmp_path)} == {each.folder for each in (parent, child, middle, end)}
    with pytest.raises(TrackingError, match=f"http://127.0.0.1:{mlflow_server.port}: no answer"):
        send(end.folder)

    mlflow_server.up()
    middle.finish(outcome)
    assert send(child.folder) > 0
    assert send(end.folder) > 0
    assert recovery.unsent(tmp_path) == []
    client = MlflowClient(str(tracking.uri))
    assert [send(each.folder) for each in (parent, child, middle, end)] == [0, 0, 0, 0]
    for each in (middle, end, child):
        assert_complete(client, each, 3)
    assert client.get_run(str(child.run_id)).data.tags["mlflow.parentRunId"] == parent.run_id
    assert client.get_run(str(parent.run_id)).info.status == "FINISHED"


def test_where_nobody_listens_a_run_is_kept_and_costs_no_time(
    begin: Begin, corpus: Corpus, outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    tracking = at(free_port())
    started = time.monotonic()
    tracking.prepare("nsmc")
    tracked = begin("lstm", tracking)
    tracked.data(corpus)
    for epoch in range(1, 101):
        tracked.log(epoch, {"train_loss": 1 / epoch})
    tracked.finish(outcome)
    assert time.monotonic() - started < 30
    assert tracked.run_id is None
    assert len(warnings(caplog)) == 2
    [left] = recovery.unsent(tracked.folder.parent)
    assert left.operations[0] == "Start"
    assert left.operations.count("Metrics") == 101
    assert left.operations[-1] == "End"


def test_a_server_that_never_answers_costs_seconds(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        tracked = begin("lstm", at(silent.getsockname()[1]))
        for epoch in range(1, 101):
            tracked.log(epoch, {"train_loss": 1 / epoch})
        tracked.end("FINISHED", None)
    assert time.monotonic() - started < 30


def test_an_address_of_something_else_is_as_good_as_none(
    begin: Begin, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    command = ["python", "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                requests.get(f"http://127.0.0.1:{port}", timeout=1)
                break
            except requests.RequestException:
                time.sleep(0.1)
        at(port).prepare("nsmc")
        tracked = begin("lstm", at(port))
        tracked.end("FINISHED", None)
    finally:
        process.kill()
        process.wait()
    assert len(warnings(caplog)) == 2
    assert run.RETRY_SECONDS > 1
