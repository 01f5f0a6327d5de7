"""Runs the server: `python -m bitjaru.tracking.serving.model_server_process HOST PORT`, told the rest by `Settings`."""

import os
import signal
import sys
import tempfile
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import uvicorn

from bitjaru.models import manifest
from bitjaru.tracking.serving.settings import Settings

APP = "bitjaru.tracking.serving.model_server_app:create"
CONNECTION = "bitjaru.tracking.serving.connections:BoundedConnection"
SECONDS_TO_LOAD = 120  # a worker that imports TensorFlow may not answer its parent for a while


def main() -> None:
    """Serves until it is told to stop, and ends with status 0 then."""
    signal.signal(signal.SIGTERM, _end)
    host, port = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="bitjaru-serving-") as counts:
        settings = replace(Settings.read(), counts=counts)
        os.environ.update(settings.environment())
        _run(settings, host, int(port))


def _run(settings: Settings, host: str, port: int) -> None:
    limits = settings.limits
    uvicorn.run(
        APP,
        factory=True,
        host=host,
        port=port,
        workers=settings.workers,
        http=CONNECTION,
        loop="uvloop" if find_spec("uvloop") else "asyncio",
        ws="none",
        lifespan="on",
        proxy_headers=False,  # nothing here asks where a request came from
        server_header=False,
        log_level="warning",
        access_log=False,
        headers=of_model(settings),
        limit_concurrency=limits.connections,
        timeout_keep_alive=int(limits.seconds_to_send),
        timeout_graceful_shutdown=limits.seconds_to_end,
        timeout_worker_healthcheck=SECONDS_TO_LOAD,
    )


def of_model(settings: Settings) -> list[tuple[str, str]]:
    """Returns the headers of every answer: which model it is, the sum of its files, and that of its training data."""
    sha256 = manifest.sum_of(Path(settings.folder) / "data")
    model = settings.model.encode("ascii", "replace").decode()
    return [("x-model", model), ("x-model-sha256", sha256), ("x-data-sha256", settings.data_sha256)]


def _end(_number: int, _frame: FrameType | None) -> None:
    """Being told to stop is no failure. uvicorn calls this again after the last answer."""
    sys.exit(0)


if __name__ == "__main__":
    main()
