"""Trials on the nodes of a Ray cluster: real nodes on this machine, killed and replaced."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from conftest import CHECKOUT
from optuna.trial import TrialState
from sweep import runners
from sweep.searching import knob, search

from bitjaru.errors import ConfigError, DataError
from bitjaru.sweep.execution.cluster import sameness
from bitjaru.sweep.execution.cluster.engine import RayCluster
from bitjaru.sweep.execution.cluster.freight import Freight, Loading
from bitjaru.sweep.execution.engines import Surroundings
from bitjaru.sweep.execution.lifetime import LEAST_TRIALS
from bitjaru.sweep.execution.worker import Task
from bitjaru.sweep.space.space import Space

ray = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.xdist_group("ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
HEAD, NODES = "127.0.0.2", ("127.0.0.3", "127.0.0.4", "127.0.0.5")  # Ray takes 127.0.0.1 for another address


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without CPUs, and two nodes with two each."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(CHECKOUT / "tests"), os.environ.get("PYTHONPATH", "")]))
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "node_ip_address": HEAD})
    made.nodes = [made.add_node(num_cpus=2, node_ip_address=address) for address in NODES[:2]]
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


def nodes(runner: Any, workers: int = 4, trials_per_worker: int | None = 5) -> Any:
    """Returns what makes the executor for a sink."""
    from bitjaru.sweep.execution.cluster.nodes import Nodes

    task = Task(f"{runner.__module__}:{runner.__name__}")
    resources = {"num_cpus": 1, "num_gpus": 0}
    return lambda sink: Nodes(task, sink, workers=workers, trials_per_worker=trials_per_worker, resources=resources)


class AtReport:
    """Does something once, when the n-th report comes in."""

    def __init__(self, number: int, what: Any) -> None:
        self.left, self.what = number, what

    def started(self, job: Any) -> None: ...

    def reported(self, number: int, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.what(number)

    def ended(self, ended: Any) -> None: ...


@pytest.mark.slow
def test_trials_on_two_nodes_are_pruned_and_complete(cluster: Any, tmp_path: Path) -> None:
    pruner = optuna.pruners.MedianPruner(n_startup_trials=3)
    study = search(tmp_path, n_trials=24, executor=nodes(runners.square), pruner=pruner)
    states = [trial.state for trial in study.trials]
    assert len(states) == 24
    assert set(states) == {TrialState.COMPLETE, TrialState.PRUNED}
    assert {path.name for path in tmp_path.iterdir()} >= {str(number) for number in range(24)}


@pytest.mark.slow
def test_failures_are_sorted_as_in_other_executors(cluster: Any, tmp_path: Path) -> None:
    study = search(tmp_path, n_trials=3, executor=nodes(runners.patient, workers=1))
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 3
    assert [trial.user_attrs["notes"] for trial in study.trials] == [{"run_id": f"run-{n}"} for n in range(3)]
    assert all((tmp_path / str(number) / "checkpoint").read_text() == "5" for number in range(3))


@pytest.mark.slow
def test_a_worker_on_a_node_stays_until_its_memory_has_grown(cluster: Any, tmp_path: Path) -> None:
    runs = {}
    for runner in (runners.environment, runners.growing):
        executor = nodes(runner, workers=1, trials_per_worker=None)
        study = search(tmp_path / runner.__name__, n_trials=LEAST_TRIALS + 8, executor=executor)
        runs[runner.__name__] = [trial.user_attrs["notes"]["pid"] for trial in study.trials]
        ray.init(address=cluster.address, log_to_driver=False)
    assert len(set(runs["environment"])) == 1
    assert runs["growing"][0] == runs["growing"][LEAST_TRIALS - 1]
    assert len(set(runs["growing"])) > 1


@pytest.mark.slow
def test_the_trials_of_a_node_that_is_killed_go_on_elsewhere_at_their_epoch(cluster: Any, tmp_path: Path) -> None:
    made: list[Any] = []

    def kept(sink: Any) -> Any:
        made.append(nodes(runners.patient)(sink))
        return made[0]

    def kill(number: int) -> None:
        """Kills the node on which this trial has just told an epoch."""
        worker = next(each for each in made[0]._workers if each.job is not None and each.job.number == number)
        address = next(each["NodeManagerAddress"] for each in ray.nodes() if each["NodeID"] == worker.node)
        node = next(each for each in cluster.nodes if each.node_ip_address == address)
        cluster.remove_node(node, allow_graceful=False)
        cluster.add_node(num_cpus=2, node_ip_address=NODES[2])

    study = search(tmp_path, n_trials=8, executor=kept, watchers=[AtReport(4, kill)])
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 8
    assert all(len(trial.intermediate_values) == 5 for trial in study.trials)
    assert all("attempts" not in trial.user_attrs for trial in study.trials), "a lost node is not charged to a trial"
    starts = [(tmp_path / str(trial.number) / "starts").read_text().splitlines() for trial in study.trials]
    assert sum(len(each) == 2 for each in starts) >= 1, "some trial was on that node"
    assert all(len(each) <= 2 for each in starts)


@pytest.mark.slow
def test_a_worker_that_is_ended_by_force_is_charged_to_its_trial(cluster: Any, tmp_path: Path) -> None:
    space = Space((knob("how=choice(killed_once)"),))
    study = search(tmp_path, n_trials=1, space=space, executor=nodes(runners.faulty, workers=1))
    (trial,) = study.trials
    assert trial.state == TrialState.COMPLETE
    assert trial.user_attrs["attempts"] == 1


@pytest.mark.slow
def test_trials_share_a_gpu_and_find_what_the_runtime_environment_brings(cluster: Any, tmp_path: Path) -> None:
    """The cluster is told of a GPU that nobody has: who may use it when is the cluster's to say."""
    cluster.add_node(num_cpus=4, num_gpus=1, node_ip_address=NODES[2])
    ray.shutdown()  # the sweep joins by itself
    engine = RayCluster(
        address=cluster.address,
        cpus=1,
        gpus=0.5,
        trials_per_worker=9,
        runtime_env={"env_vars": {"FLAVOUR": "vanilla"}},
    )
    around = Surroundings(
        runner=f"{runners.__name__}:sharing",
        warm_up=None,
        elsewhere=None,
        program=None,
        n_jobs=3,
        lock=None,
        launcher=None,
    )
    study = search(tmp_path, n_trials=6, executor=lambda sink: engine.start(around, sink))
    notes = [trial.user_attrs["notes"] for trial in study.trials]
    assert {note["gpu"] for note in notes} == {"0"}
    assert {note["flavour"] for note in notes} == {"vanilla"}
    spans = [note["ran"] for note in notes]
    at_once = [sum(begin <= moment < end for begin, end in spans) for moment, _ in spans]
    assert max(at_once) == 2, "two halves fit on one GPU, a third waits"


def test_a_node_with_other_versions_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = sameness.versions()
    sameness.check("host, node 1", ours)
    with pytest.raises(ConfigError, match=r"Received of host, node 1: its code 123 \(here .*\), numpy 0\.1 \(here "):
        sameness.check("host, node 1", {**ours, "numpy": "0.1", "its code": "123"})
    assert ours["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"numpy", "keras", "optuna", "mlflow"} <= set(ours)


def test_only_what_has_changed_travels_and_what_was_deleted_goes(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    (there / "tracking").mkdir(parents=True)
    (there / "a").write_text("1")
    (there / "tracking" / "journal.jsonl").write_text(f'{{"folder": "{there}"}}')
    (there / "run.lock").write_text("mine")
    loading = Loading(there)
    loading.load().unload(here, texts=("tracking/journal.jsonl",))
    assert (here / "tracking" / "journal.jsonl").read_text() == f'{{"folder": "{here}"}}'
    assert not (here / "run.lock").exists()
    (here / "tracking" / "progress.json").write_text("how far MLflow is")
    (there / "b").write_text("2")
    (there / "a").unlink()
    second = loading.load()
    assert set(second.files) == {"b"}
    second.unload(here)
    assert {path.name for path in here.rglob("*") if path.is_file()} == {"b", "journal.jsonl", "progress.json"}


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside"])
def test_nothing_is_written_outside_of_a_trials_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="may only send files of its trial"):
        Freight({name: b"x"}, frozenset({name}), "/").unload(tmp_path / "trial")


def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "program.py").write_text((CHECKOUT / "examples/plain_program/sphere.py").read_text())
    asked = ["-m", "hydra/sweeper=bitjaru", "hydra/sweeper/executor=ray", "+x=interval(0,1)", "+y=1"]
    asked += ["hydra.sweeper.executor.address=127.0.0.9:6379"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAY_")}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "program.py", *asked],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "must be that of a Ray cluster that runs. Received: 127.0.0.9:6379" in done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - started < 60
