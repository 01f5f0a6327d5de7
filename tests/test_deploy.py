"""What a team starts: the compose file as it stands, and the script that does the same without Docker."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from conftest import CHECKOUT

DEPLOY = CHECKOUT / "deploy"


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def test_every_port_is_published_on_this_machine_only() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_secret_stands_in_a_file_that_is_kept() -> None:
    environments = [service.get("environment", {}) for service in compose()["services"].values()]
    secrets = {key: value for each in environments for key, value in each.items() if "PASSWORD" in key or "KEY" in key}
    assert secrets
    assert all(str(value).startswith("${") and ":?" in str(value) for value in secrets.values())
    ignored = (CHECKOUT / ".gitignore").read_text().splitlines()
    assert {"/deploy/.env", "/deploy/basic_auth.ini"} <= set(ignored)


def test_every_mounted_file_and_image_is_named() -> None:
    found = compose()
    for service in found["services"].values():
        assert ("image" in service) != ("build" in service)
        assert ":" in service.get("image", ":")
    assert (DEPLOY / "databases.sql").is_file()
    assert (DEPLOY / "Dockerfile").is_file()
    assert (DEPLOY / "basic_auth.example.ini").is_file()


def test_the_compose_file_is_one_by_the_specification() -> None:
    """By the schema that Compose itself publishes; it forbids what it does not know."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_image_is_named_to_the_last_figure_of_its_version() -> None:
    images = [service["image"] for service in compose()["services"].values() if "image" in service]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) == 2
    assert all(re.search(r":\d+\.\d+(\.\d+)?-\w+", image) for image in images), images


def test_the_compose_file_is_one_to_docker() -> None:
    if shutil.which("docker") is None:
        pytest.skip("needs docker")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("needs docker's compose")
    environment = {**os.environ, "POSTGRES_PASSWORD": "x", "MLFLOW_SECRET_KEY": "y"}
    command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


@pytest.fixture
def services() -> Iterator[tuple[Path, dict[str, str]]]:
    pytest.importorskip("ray")
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        pytest.skip("needs PostgreSQL's server")
    folder = Path(tempfile.mkdtemp(prefix="bitjaru-services-"))
    names = ("PORT_POSTGRES", "PORT_MLFLOW", "PORT_RAY")
    (folder / "home").mkdir()  # where Ray keeps its token: one in the user's own home would be asked of every cluster
    own = {"HOME": str(folder / "home"), "NODE": "127.0.0.22"}
    environment = {**os.environ, **{name: free_port() for name in names}, **own}
    yield folder, environment
    script("stop", folder, environment)
    shutil.rmtree(folder, ignore_errors=True)


def script(what: str, folder: Path, environment: dict[str, str], *more: str) -> str:
    # The script looks for its programs beside the checkout; a test runs in whatever environment it was started.
    text = (DEPLOY / "services.sh").read_text()
    own = folder / "services.sh"
    own.write_text(
        text.replace('BIN="$(cd "$(dirname "$0")/.." && pwd)/.venv/bin"', f'BIN="{Path(sys.executable).parent}"')
    )
    done = subprocess.run(
        ["bash", str(own), what, str(folder), *more], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
def test_the_services_start_are_backed_up_and_restored(services: tuple[Path, dict[str, str]]) -> None:
    folder, environment = services
    said = script("start", folder, environment)
    assert "hydra/sweeper/executor=ray" in said
    address = next(word.partition("=")[2] for word in said.split() if word.startswith("hydra.sweeper.storage="))
    optuna.create_study(study_name="kept", storage=address).enqueue_trial({"x": 1})
    script("backup", folder, environment, str(folder / "backup.tar"))
    optuna.delete_study(study_name="kept", storage=address)
    script("restore", folder, environment, str(folder / "backup.tar"))
    assert len(optuna.load_study(study_name="kept", storage=address).trials) == 1
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT_MLFLOW']}/health") as answer:
                assert answer.read() == b"OK"
                break
        except OSError:
            assert time.monotonic() < until, (folder / "mlflow.log").read_text()
            time.sleep(0.5)
