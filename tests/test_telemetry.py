"""No library that comes with this one tells anybody of what is done with it, unless it was asked to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bitjaru

# What libraries take for a test or a CI, where they are silent anyway.
CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TF_BUILD", "TEAMCITY_VERSION", "BUILDKITE", "CIRCLECI")
SWITCHES = (*CI, *bitjaru.SILENCE, "PYTEST_CURRENT_TEST", "DO_NOT_TRACK", "RUNBOT_HOST_URL", "TRAVIS", "PYTHONPATH")

# Python tells its audit hooks of every name that is looked up and every address that is called.
RECORDER = """
import os, socket, sys
OWN = {None, "", "localhost", "0.0.0.0", "::", "::1", socket.gethostname()}
def hook(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in OWN and not str(host).startswith("127."):
        with open(os.environ["CALLED"], "a") as file:
            file.write(f"{event} {host}\\n")
sys.addaudithook(hook)
"""


def called(command: list[str], folder: Path, **variables: str) -> str:
    """Runs a program as somebody at home would; returns whom it and its children called."""
    (folder / "recorder").mkdir(exist_ok=True)
    (folder / "recorder" / "sitecustomize.py").write_text(RECORDER)
    (folder / "called").touch()
    environment = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    environment |= {"PYTHONPATH": str(folder / "recorder"), "CALLED": str(folder / "called"), **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return (folder / "called").read_text()


TELLS = (
    "import mlflow; from mlflow.telemetry import get_telemetry_client, set_telemetry_client;"
    "client = get_telemetry_client(); print('silent' if client is None else 'tells');"
    "client and client._get_config()"
)
RAY = "from ray._common.usage import usage_lib; assert not usage_lib.usage_stats_enabled()"


def test_the_recorder_hears_mlflow_where_nothing_is_switched_off(tmp_path: Path) -> None:
    assert "mlflow" in called([sys.executable, "-c", TELLS], tmp_path)


def test_mlflow_and_ray_are_silent_after_an_import_of_bitjaru(tmp_path: Path) -> None:
    assert called([sys.executable, "-c", f"import bitjaru; {TELLS}; {RAY}"], tmp_path) == ""


def test_what_the_user_asked_for_stays(tmp_path: Path) -> None:
    code = "import os, bitjaru; assert os.environ['MLFLOW_DISABLE_TELEMETRY'] == 'false'"
    assert called([sys.executable, "-c", code], tmp_path, MLFLOW_DISABLE_TELEMETRY="false") == ""


@pytest.mark.slow
def test_training_answering_and_looking_call_nobody(home: Path, tmp_path: Path) -> None:
    tiny = ["dataset.rows=200", "trainer.epochs=1", "max_len=8"]
    bitjaru_, train = [sys.executable, "-m", "bitjaru.commands.cli"], [sys.executable, "-m", "bitjaru.commands.train"]
    notebook = (
        "import bitjaru; run = bitjaru.train('architecture=linear', 'dataset.rows=200');"
        "assert run.model.predict(['재미있다']); bitjaru.load(str(run.folder))"
    )
    for command in (
        [*train, *tiny],
        [*train, "-m", *tiny, "seed=1,2"],
        [*train, "sweeps=architectures", *tiny, "hydra.sweeper.n_trials=2"],
        [*bitjaru_, "promote", "--force", "--reason", "a test", "--model", "movies"],
        [*bitjaru_, "predict", "재미있다", "--model", "movies"],
        [*bitjaru_, "runs"],
        [*bitjaru_, "champions"],
        [*bitjaru_, "doctor"],
        [sys.executable, "-c", notebook],
    ):
        assert called(command, tmp_path) == "", command
