"""A real server of a model, for the tests of serving."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bitjaru.tracking.serving import model_server
from bitjaru.tracking.serving.settings import Settings

JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, its process, and what it says."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def started(folder: Path, **told: Any) -> Iterator[Server]:
    """Starts a server and kills it at the end, ready or not."""
    port, log = free_port(), folder.parent / "log"
    environment = dict(model_server.environment(Settings(folder=str(folder), **told)))
    command = model_server.command(port=port)
    with log.open("w") as said, subprocess.Popen(command, env=environment, stdout=said, stderr=said) as process:
        try:
            yield Server(port, process, log)
        finally:
            if process.poll() is None:
                process.kill()


def wait(server: Server, page: str = "/ready") -> None:
    """Waits until a page answers with 200."""
    until = time.monotonic() + 180
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if requests.get(f"{server.address}{page}", timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.05)
    raise AssertionError(server.log.read_text())


@contextmanager
def running(folder: Path, **told: Any) -> Iterator[str]:
    """Serves a model; the server ends by itself, with status 0, when it is told to."""
    with started(folder, **told) as server:
        wait(server)
        yield server.address
        server.process.terminate()
        assert server.process.wait(30) == 0, server.log.read_text()


def ask(server: str, content: Any, **headers: str) -> requests.Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return requests.post(f"{server}/invocations", data=body, headers=JSON | headers, timeout=60)
