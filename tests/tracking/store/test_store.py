"""Making a store ready: many processes at once, and places that cannot be written."""

import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from bitjaru.errors import TrackingError
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.runs.run import Run
from bitjaru.tracking.store import store, store_check

Begin = Callable[..., Run]
Local = Callable[..., Tracking]


def work(tracking: Tracking, folder: Path) -> None:
    tracking.prepare("nsmc")
    run = tracking.start(folder, name="run", kind="run", experiment="nsmc", config={}, tags={})
    run.log(1, {"train_loss": 0.5})
    run.end("FINISHED", None)


@pytest.mark.slow
def test_processes_that_start_together_on_a_fresh_store_all_get_their_run(local: Local, tmp_path: Path) -> None:
    # They start from a process that has MLflow loaded, so that they arrive at the store together.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mlflow.store.tracking.sqlalchemy_store"])
    folders = [tmp_path / str(number) for number in range(4)]
    workers = [context.Process(target=work, args=(local(tmp_path / "mlruns"), folder)) for folder in folders]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    client = MlflowClient(f"sqlite:///{tmp_path}/mlruns/mlflow.db")
    experiments = client.search_experiments()
    assert sorted(experiment.name for experiment in experiments) == ["Default", "nsmc"]
    runs = client.search_runs([experiment.experiment_id for experiment in experiments])
    assert [run.info.status for run in runs] == ["FINISHED"] * 4
    assert [run.data.metrics for run in runs] == [{"train_loss": 0.5}] * 4


def test_a_store_that_is_ready_is_left_as_it_is(local: Local, mlruns: Path) -> None:
    local(mlruns).prepare("nsmc")
    before = (mlruns / "mlflow.db").stat().st_mtime_ns
    local(mlruns).prepare("nsmc")
    assert (mlruns / "mlflow.db").stat().st_mtime_ns == before


def opened_by_mlflow(tracking: Tracking, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Prepares the store; tells whether MLflow had to look at it."""
    looked: list[str] = []

    def look(uri: str) -> MlflowClient:
        looked.append(uri)
        return MlflowClient(uri)

    with monkeypatch.context() as patch:
        patch.setattr(store, "open_client", look)
        tracking.prepare("nsmc")
    return bool(looked)


def test_mlflow_looks_at_a_store_once(local: Local, mlruns: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [opened_by_mlflow(local(mlruns), monkeypatch) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE experiments SET name = 'another' WHERE name = 'nsmc'",
        "UPDATE experiments SET artifact_location = 'mlflow-artifacts:/1' WHERE name = 'nsmc'",
        "UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'nsmc'",
        "UPDATE alembic_version SET version_num = '0000'",
        "DROP TABLE alembic_version",
        "ALTER TABLE experiments RENAME COLUMN lifecycle_stage TO stage",
        "DROP TABLE experiments",
    ],
)
def test_a_store_that_has_changed_is_not_known_to_be_in_order(local: Local, mlruns: Path, change: str) -> None:
    local(mlruns).prepare("nsmc")
    database = mlruns / "mlflow.db"
    assert store_check.is_in_order(database, "nsmc")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(change)
        connection.commit()
    assert not store_check.is_in_order(database, "nsmc")


def test_a_store_that_another_mlflow_opened_is_not_known_to_be_in_order(
    local: Local, mlruns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local(mlruns).prepare("nsmc")
    monkeypatch.setattr(store_check, "version", lambda _: "1.0")
    assert not store_check.is_in_order(mlruns / "mlflow.db", "nsmc")


def test_nothing_of_mlflow_lands_in_the_working_directory(
    local: Local, mlruns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: Begin
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    local(mlruns).prepare("nsmc")
    begin().end("FINISHED", None)
    assert list(elsewhere.iterdir()) == []


def test_a_store_below_a_file_is_refused_before_any_work(local: Local, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrackingError, match=r"must be writable. Received: .*tracking=off"):
        local(tmp_path / "file" / "mlruns").prepare("nsmc")


def test_artifacts_that_cannot_be_written_are_refused_before_any_work(mlruns: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tracking = Tracking(
        uri=f"sqlite:///{mlruns}/mlflow.db", experiment=None, artifact_root=f"{tmp_path}/file/artifacts", parent=None
    )
    with pytest.raises(TrackingError, match="must be writable"):
        tracking.prepare("nsmc")


def test_a_file_that_is_no_database_is_refused(local: Local, tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("재미있는 영화 " * 1000)
    with pytest.raises(TrackingError, match="file is not a database"):
        local(tmp_path).prepare("nsmc")


def test_a_database_of_another_mlflow_is_refused_with_the_command_that_upgrades_it(local: Local, mlruns: Path) -> None:
    connection = sqlite3.connect(mlruns / "mlflow.db")
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    connection.close()
    with pytest.raises(TrackingError, match=r"must open. Received: .*mlflow db upgrade"):
        local(mlruns).prepare("nsmc")


def test_a_deleted_experiment_is_named_with_the_way_out(local: Local, mlruns: Path, client: MlflowClient) -> None:
    local(mlruns).prepare("nsmc")
    [experiment] = client.search_experiments(filter_string="name = 'nsmc'")
    client.delete_experiment(experiment.experiment_id)
    with pytest.raises(TrackingError, match=r"'nsmc', which was deleted. .*tracking.experiment="):
        local(mlruns).prepare("nsmc")


def test_an_experiment_whose_artifacts_are_on_a_server_is_refused(
    local: Local, mlruns: Path, client: MlflowClient
) -> None:
    client.create_experiment("nsmc", artifact_location="mlflow-artifacts:/1")
    with pytest.raises(TrackingError, match=r"must keep its artifacts in a folder. .*tracking=server"):
        local(mlruns).prepare("nsmc")


def test_a_full_disk_is_refused_before_any_work(local: Local, full_disk: Path) -> None:
    with pytest.raises(TrackingError, match=r"No space left on device.*Make room"):
        local(full_disk / "mlruns").prepare("nsmc")


def test_a_store_that_breaks_does_not_stop_a_run(
    local: Local, mlruns: Path, begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    run = begin()
    connection = sqlite3.connect(mlruns / "mlflow.db", timeout=0)
    connection.execute("DROP TABLE metrics")
    connection.commit()
    connection.close()
    run.log(1, {"train_loss": 0.7})
    run.end("FINISHED", None)
    assert [record.message[:13] for record in caplog.records if record.name == "bitjaru.tracking.runs.run"] == [
        "MLflow is awa",
        "MLflow does n",
    ]


def test_a_run_whose_own_folder_cannot_take_a_line_says_so_at_once(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from bitjaru.tracking.runs.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "journal.append({'number': 0})\n"
        "size = journal.path.stat().st_size\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    journal.append({'number': 1})\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "journal.append({'number': 2})\n"
        "print(journal.lines())"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    said, lines = answer.stdout.splitlines()
    assert said.startswith(f"TrackingError A run's folder must be writable. Received: {tmp_path}")
    assert lines == "[{'number': 0}, {'number': 2}]"
