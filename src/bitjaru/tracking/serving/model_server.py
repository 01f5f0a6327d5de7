"""The command that serves a model: MLflow's scoring server, in the environment that runs now."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bitjaru.tracking.serving.ui_server import LOOPBACK
from bitjaru.tracking.store.store import ENVIRONMENT

APP = "bitjaru.tracking.serving.model_server_app:app"


def command(*, port: int, host: str = LOOPBACK) -> list[str]:
    """Returns the command line.

    `mlflow models serve --env-manager local` starts uvicorn with MLflow's app; this starts it with the same app
    inside `scoring_app`, because MLflow's own answers to bad input show stack traces.

    Args:
        port: To listen on.
        host: Only this machine by default: the server asks nobody for a password.
    """
    return [sys.executable, "-m", "uvicorn", APP, "--host", host, "--port", str(port), "--log-level", "warning"]


def environment(folder: Path) -> Mapping[str, str]:
    """Returns the environment of that command.

    Args:
        folder: With the model's files.
    """
    from mlflow.pyfunc.scoring_server import _SERVER_MODEL_PATH

    return {**ENVIRONMENT, **os.environ, _SERVER_MODEL_PATH: str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
