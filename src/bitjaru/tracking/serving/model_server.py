"""The command that serves a model, in the environment that runs now, and who may reach it."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

from bitjaru.errors import ConfigError
from bitjaru.models import manifest
from bitjaru.tracking.serving.settings import Settings
from bitjaru.tracking.serving.ui_server import LOOPBACK
from bitjaru.tracking.store.store import ENVIRONMENT

PROCESS = "bitjaru.tracking.serving.model_server_process"
NAMES_OF_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY_HOST = "*"


def command(*, port: int, host: str = LOOPBACK) -> list[str]:
    """Returns the command line.

    Args:
        port: To listen on.
        host: Only this machine by default.
    """
    return [sys.executable, "-m", PROCESS, host, str(port)]


def environment(settings: Settings) -> Mapping[str, str]:
    """Returns the environment of that command, which is bound to the model's files as they are now."""
    settings = replace(settings, manifest=manifest.sum_of(Path(settings.folder) / "data"))
    return {**ENVIRONMENT, **os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **settings.environment()}


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


def allowed_hosts(host: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Returns the names that a request may call the server by; none for all.

    By default a server for this machine answers to this machine's own names only: a page in a browser could otherwise
    reach it under a name of its own (DNS rebinding).

    Args:
        host: That it listens on.
        asked: By `--allowed-hosts`: `example.org`, `*.example.org`, `*`.

    Raises:
        ConfigError: If one is no name of a host.
    """
    for name in asked:
        if not name or any(sign in name for sign in "/@ ") or "*" in name.removeprefix("*"):
            raise ConfigError(
                "`--allowed-hosts` must be names of hosts, without ports: example.org,*.example.org. "
                f"Received: {name!r}."
            )
    if ANY_HOST in asked:
        return ()
    if asked:
        return tuple(name.lower() for name in asked)
    return (*NAMES_OF_LOOPBACK, host.lower()) if _is_loopback(host) else ()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
