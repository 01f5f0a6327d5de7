"""Real trainings on two Ray nodes, with PostgreSQL and an MLflow server, on a bad day: everything is killed once.

BITJARU_ROUNDS=10 python -m pytest -n 0 -m slow tests/test_cluster.py      # ten rounds in one search
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from conftest import CHECKOUT
from mlflow_server import MlflowServer
from postgres import Server, postgres

pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
HEAD = "127.0.0.2"
ROUNDS = int(os.environ.get("BITJARU_ROUNDS", "1"))
TRIALS = 24 * ROUNDS
SEARCH = [
    "-m",
    "hydra/sweeper=optuna",
    "hydra/sweeper/executor=ray",
    "hydra/sweeper/pruner=median",
    "hydra.sweeper.pruner.n_startup_trials=4",
    f"hydra.sweeper.n_trials={TRIALS}",
    "hydra.sweeper.n_jobs=2",
    "hydra.sweeper.study_name=cluster",
    "hydra.sweeper.plots=false",
    "hydra.sweeper.spaces=[]",
    "hydra.sweeper.storage=${oc.env:BITJARU_STORAGE}",
    "architecture=choice(average,simplernn)",
    "optimizer.learning_rate=tag(log,interval(1e-3,1e-1))",
    "architecture.embedding.width=8",
    "dataset.rows=400",
    "max_len=12",
    "trainer.epochs=3",
    "tracking=server",
]
FINISHED = ("COMPLETE", "PRUNED")
SECRETS = (
    "pa55-of-the-database",
    "pa55-of-the-server",
)  # the servers of this test let everybody in: they are only said


@pytest.fixture
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


@pytest.fixture
def tracking(tmp_path: Path) -> Iterator[MlflowServer]:
    (tmp_path / "server").mkdir()
    running = MlflowServer(tmp_path / "server")
    yield running
    running.kill()


class Nodes:
    """A head without CPUs, and two nodes with one each, every node with a home and a temporary folder of its own."""

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster

        self.folder, self.made = folder, 0
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "node_ip_address": HEAD})
        self.running = [self.add() for _ in range(2)]

    def add(self) -> Any:
        self.made += 1
        own = self.folder / f"node{self.made}"
        own.mkdir()
        environment = {"HOME": str(own), "TMPDIR": str(own), "RAY_TMPDIR": "/tmp"}  # Ray's sockets want a short path
        return self.cluster.add_node(num_cpus=1, node_ip_address=f"127.0.0.{2 + self.made}", env_vars=environment)

    def replace(self) -> None:
        self.cluster.remove_node(self.running.pop(0), allow_graceful=False)
        self.running.append(self.add())


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Nodes]:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    made = Nodes(tmp_path)
    yield made
    made.cluster.shutdown()


def ended(address: str) -> int:
    """Looks with a connection of its own, and gives it back: the server has a hundred."""
    storage = optuna.storages.RDBStorage(address)
    try:
        trials = optuna.load_study(study_name="cluster", storage=storage).trials
    except KeyError:
        return 0
    finally:
        storage.remove_session()
        storage.engine.dispose()
    return sum(trial.state.is_finished() for trial in trials)


def test_nothing_is_lost_or_doubled_when_each_part_is_killed_once(
    nodes: Nodes, server: Server, tracking: MlflowServer, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **os.environ,
        "RAY_ADDRESS": nodes.cluster.address,
        "BITJARU_HOME": str(home),
        "BITJARU_STORAGE": server.address.replace("postgres@", f"postgres:{SECRETS[0]}@"),
        "MLFLOW_TRACKING_USERNAME": "me",
        "MLFLOW_TRACKING_PASSWORD": SECRETS[1],
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    }

    def start() -> "subprocess.Popen[bytes]":
        with (home / "output").open("a") as output:
            command = [sys.executable, str(CHECKOUT / "train.py"), *SEARCH, f"tracking.uri={tracking.uri}"]
            return subprocess.Popen(command, cwd=home, env=environment, stdout=output, stderr=subprocess.STDOUT)

    sweeper = start()

    def restart() -> None:
        tracking.kill()
        time.sleep(5)
        tracking.start()

    def database() -> None:
        server.stop()
        time.sleep(10)
        server.start()

    def parent() -> None:
        nonlocal sweeper
        sweeper.kill()
        sweeper.wait()
        sweeper = start()

    once: list[Callable[[], Any]] = [nodes.replace, server.cut_connections, restart, database, parent]
    harm = [(24 * turn + 4 * place, what) for turn in range(ROUNDS) for place, what in enumerate(once, start=1)]
    until = time.monotonic() + 800 * ROUNDS
    while sweeper.poll() is None:
        assert time.monotonic() < until, (home / "output").read_text()[-4000:]
        if harm and ended(server.address) >= harm[0][0]:
            harm.pop(0)[1]()
        time.sleep(0.5)
    output = (home / "output").read_text()
    assert sweeper.returncode == 0, output[-4000:]
    assert harm == []
    assert "Traceback" not in output
    study = optuna.load_study(study_name="cluster", storage=server.address)
    assert [trial.number for trial in study.trials] == list(range(TRIALS))
    assert {trial.state.name for trial in study.trials} <= set(FINISHED)
    _is_one_tree(tracking.uri, home, environment)
    _no_secret_is_kept(server, [tmp_path, Path(nodes.cluster.head_node.get_session_dir_path())])


def _no_secret_is_kept(server: Server, folders: list[Path]) -> None:
    """Searches the study's database, MLflow's store and artifacts, run folders, and every log, of nodes too."""
    kept = {"the study": server.content()}
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    kept |= {str(path): path.read_bytes() for path in files}
    assert b"cluster" in kept["the study"]
    assert any(path.endswith("mlflow.db") for path in kept)
    assert any(path.endswith("worker.log") for path in kept)
    found = [where for where, content in kept.items() if any(secret.encode() in content for secret in SECRETS)]
    assert found == []


def _is_one_tree(uri: str, home: Path, environment: dict[str, str]) -> None:
    from mlflow import MlflowClient

    doctor = [sys.executable, "-m", "bitjaru.commands.cli", "doctor"]
    subprocess.run(doctor, cwd=home, env=environment, check=False, stdout=subprocess.DEVNULL)
    client = MlflowClient(uri)
    experiments = [each.experiment_id for each in client.search_experiments()]
    (search,) = client.search_runs(experiments, "tags.kind = 'search'")
    below = f"tags.mlflow.parentRunId = '{search.info.run_id}'"
    runs = client.search_runs(experiments, below, max_results=1_000)
    assert sorted(int(run.data.tags["number"]) for run in runs) == list(range(TRIALS))
    assert {run.info.status for run in runs} <= {"FINISHED", "KILLED"}
    assert search.info.status == "FINISHED"
    for run in runs:
        steps = [each.step for each in client.get_metric_history(run.info.run_id, "valid_accuracy")]
        assert steps == sorted(set(steps)), "an epoch is told once"
        assert run.data.tags["folder"].startswith(str(home))
