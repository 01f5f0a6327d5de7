"""The command that serves a model, in the environment that runs now."""

import os
import sys
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from bitjaru.errors import ConfigError
from bitjaru.tracking.serving.limits import Limits
from bitjaru.tracking.serving.ui_server import LOOPBACK
from bitjaru.tracking.store.store import ENVIRONMENT

APP = "bitjaru.tracking.serving.model_server_app:create"
SECONDS_TO_END, CONNECTIONS, SECONDS_TO_SEND = 20, 1_000, 15


def command(*, port: int, host: str = LOOPBACK, workers: int = 1) -> list[str]:
    """Returns the command line: uvicorn, which ends running requests within a bound when it is told to stop.

    Args:
        port: To listen on.
        host: Only this machine by default.
        workers: Processes, each with the model in memory.
    """
    address = ["--host", host, "--port", str(port), "--workers", str(workers)]
    bounds = ["--timeout-graceful-shutdown", str(SECONDS_TO_END), "--timeout-keep-alive", str(SECONDS_TO_SEND)]
    most = ["--limit-concurrency", str(CONNECTIONS), "--no-server-header", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", "--factory", APP, *address, *bounds, *most]


def environment(folder: Path, *, name: str = "", token: str = "", limits: Limits | None = None) -> Mapping[str, str]:
    """Returns the environment of that command.

    Args:
        folder: With the model's files.
        name: Of the model, told with every answer.
        token: That every request must bring; empty for none.
        limits: How much it takes on; None for the defaults.
    """
    from bitjaru.tracking.serving.model_server_app import FOLDER, NAME, TOKEN

    told = {FOLDER: str(folder), NAME: name, TOKEN: token, "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**ENVIRONMENT, **os.environ, **told, **(limits or Limits()).environment()}


def check_access(host: str, token: str, *, insecure: bool) -> None:
    """Refuses a server that others reach and that asks nobody for anything.

    Raises:
        ConfigError: If that is so, and not wanted.
    """
    if token or insecure or _is_loopback(host):
        return
    raise ConfigError(
        f"A server that other machines reach must ask for a token. Received: --host {host} without one. Write one into "
        "a file and add `--token-file FILE`, or say that you want it open: `--insecure`."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
