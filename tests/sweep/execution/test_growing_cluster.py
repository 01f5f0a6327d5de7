"""A cluster that grows by itself: trials wait for nodes, which Ray's autoscaler starts for them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import CHECKOUT
from optuna.trial import TrialState
from sweep import runners
from sweep.searching import knob, search

from bitjaru.sweep.execution.worker import Task
from bitjaru.sweep.space.space import Space

ray = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
HEAD = "127.0.0.2"
SPARE = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
    "cluster_synced_files",
    "rsync_exclude",
)


def growing(address: str) -> dict[str, Any]:
    """A head that runs nothing, and up to two nodes with two CPUs each, made when somebody waits for them."""
    provider = {"type": "fake_multinode", "gcs_address": address, "use_node_id_as_ip": True}
    provider |= {"disable_node_updaters": True, "disable_launch_config_check": True}
    node = {"resources": {"CPU": 2, "object_store_memory": 100_000_000}, "node_config": {}}
    head = {"resources": {"CPU": 0}, "node_config": {}, "max_workers": 0}
    return {
        "cluster_name": "growing",
        "max_workers": 2,
        "provider": provider,
        "available_node_types": {"ray.head.default": head, "worker": {**node, "min_workers": 0, "max_workers": 2}},
        "head_node_type": "ray.head.default",
        "auth": {},
        "docker": {},
        "file_mounts": {},
        "file_mounts_sync_continuously": False,
        "upscaling_speed": 1.0,
        "idle_timeout_minutes": 5,
        **{name: [] for name in SPARE},
    }


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a cluster that has no node yet."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(CHECKOUT / "tests"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")  # else a token in the user's home decides for the head, not for us
    monkeypatch.setenv("RAY_FAKE_CLUSTER", "1")
    monkeypatch.setenv("AUTOSCALER_UPDATE_INTERVAL_S", "1")
    with socket.socket() as listening:
        listening.bind((HEAD, 0))
        port = listening.getsockname()[1]
    found = f"{HEAD}:{port}"
    (tmp_path / "growing.json").write_text(json.dumps(growing(found)))
    command = [str(Path(sys.executable).parent / "ray"), "start", "--head", "--block", f"--port={port}"]
    command += [f"--node-ip-address={HEAD}", "--num-cpus=0", "--include-dashboard=false"]
    command += [f"--autoscaling-config={tmp_path / 'growing.json'}"]
    with (tmp_path / "head.log").open("w") as log:
        head = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    until = time.monotonic() + 60
    while "Ray runtime started" not in (tmp_path / "head.log").read_text():
        assert head.poll() is None, (tmp_path / "head.log").read_text()
        assert time.monotonic() < until, (tmp_path / "head.log").read_text()
        time.sleep(0.2)
    yield found
    ray.shutdown()
    head.terminate()
    head.wait()
    _end_those_that_name(found)


def _end_those_that_name(address: str) -> None:
    """Ends the nodes that the autoscaler started: nobody waits for them."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().decode(errors="replace")
            if address in words and "ray" in words and int(folder.name) != os.getpid():
                os.kill(int(folder.name), signal.SIGKILL)


def test_trials_wait_for_nodes_that_are_made_for_them(address: str, tmp_path: Path) -> None:
    """Three trials that end only together: a node holds two of them, so that two nodes must have been made."""
    from bitjaru.sweep.execution.cluster.nodes import Nodes

    ray.init(address=address, log_to_driver=False)
    assert ray.cluster_resources().get("CPU", 0) == 0, "there is nobody yet who could run a trial"
    task, resources = Task(f"{runners.__name__}:together"), {"num_cpus": 1, "num_gpus": 0}
    meeting = tmp_path / "meeting"
    meeting.mkdir()

    def three(sink: Any) -> Nodes:
        return Nodes(task, sink, workers=3, trials_per_worker=5, resources=resources)

    space = Space((knob(f"meeting=choice({meeting})"), knob("together=choice(3)")))
    study = search(tmp_path, n_trials=3, executor=three, space=space)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 3
