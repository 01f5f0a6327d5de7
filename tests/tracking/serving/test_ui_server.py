from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bitjaru.errors import TrackingError
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.serving import ui_server

Local = Callable[..., Tracking]


def test_the_interface_listens_on_this_machine_only_and_names_absolute_places(local: Local, tmp_path: Path) -> None:
    command = ui_server.command(local(tmp_path), port=5001)
    options = dict(zip(command[4::2], command[5::2], strict=True))
    assert command[1:4] == ["-m", "mlflow", "server"]
    assert options == {
        "--backend-store-uri": f"sqlite:///{tmp_path}/mlflow.db",
        "--default-artifact-root": f"file://{tmp_path}/artifacts",
        "--host": "127.0.0.1",
        "--port": "5001",
        "--workers": "1",
    }


def test_a_server_elsewhere_is_opened_in_a_browser(local: Local, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"uri='http://127.0.0.1:5000'. Open that address"):
        ui_server.command(replace(local(tmp_path), uri="http://127.0.0.1:5000"), port=5001)


def test_without_tracking_there_is_nothing_to_show(local: Local, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"Choose `tracking=local`"):
        ui_server.command(replace(local(tmp_path), uri=None), port=5001)


def test_nobody_is_told_that_it_runs() -> None:
    assert ui_server.environment()["MLFLOW_DISABLE_TELEMETRY"] == "true"
