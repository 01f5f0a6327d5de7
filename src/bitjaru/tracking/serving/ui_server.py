"""MLflow's own server and user interface over a store of ours: the command behind `bitjaru ui`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bitjaru.errors import TrackingError
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.registry.candidate import DIRECTION, IS_RUN, OBJECTIVE, runs
from bitjaru.tracking.store.client import reached
from bitjaru.tracking.store.store import ENVIRONMENT, SQLITE

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

LOOPBACK = "127.0.0.1"
KIND, VIEW = "mlflow.experimentKind", "bitjaru"  # the kind: pages for training models, not for language models' traces
COLUMNS = [
    "tags.`architecture`",
    "metrics.`objective`",
    "metrics.`test_accuracy`",
]


def command(tracking: Tracking, *, port: int, host: str = LOOPBACK) -> list[str]:
    """Returns the command that serves the user interface, for the interpreter that runs now.

    Args:
        tracking: A store of files, made ready with `prepare`.
        port: To listen on.
        host: Only this machine by default: MLflow asks nobody for a password.

    Raises:
        TrackingError: If runs are tracked on a server, or nowhere.
    """
    if tracking.uri is None or not tracking.uri.startswith(SQLITE):
        raise TrackingError(
            "The user interface needs a database file. Received: "
            f"tracking.uri={tracking.uri!r}. "
            + ("Choose `tracking=local`." if tracking.uri is None else "Open that address in a browser.")
        )
    return [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", tracking.uri),
        # Without it an experiment made over the server would keep its artifacts where only the server reaches them.
        *("--default-artifact-root", Path(str(tracking.artifact_root)).as_uri()),
        *("--host", host, "--port", str(port), "--workers", "1"),
    ]


def last_experiment(uri: str) -> str:
    """Returns the page of the experiment with the newest run: its runs with the columns that tell most, best first.

    MLflow keeps a view that somebody shared as a tag of the experiment; the page's address names it. Ordered by their
    date, runs would stand below their search, grid or finals, which a shared view cannot unfold.

    Args:
        uri: Of the store.

    Raises:
        TrackingError: If the store does not answer.
    """
    with reached(uri) as client:
        newest = runs(client, "", 1)
        if not newest:
            return ""
        experiment = newest[0].info.experiment_id
        view = json.dumps({"selectedColumns": COLUMNS, **_order(newest[0])})
        client.set_experiment_tag(experiment, KIND, "custom_model_development")
        client.set_experiment_tag(experiment, f"mlflow.sharedViewState.{VIEW}", view)
    return f"/#/experiments/{experiment}/runs?workflowType=machine_learning&viewStateShareKey={VIEW}"


def _order(newest: "MlflowRun") -> Mapping[str, object]:
    rising = newest.data.tags.get(DIRECTION) == "minimize"
    return {"searchFilter": IS_RUN, "orderByKey": f"metrics.`{OBJECTIVE}`", "orderByAsc": rising}


def environment() -> Mapping[str, str]:
    """Returns what that command needs in its environment: no telemetry, no job runner beside it."""
    return {**ENVIRONMENT, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
