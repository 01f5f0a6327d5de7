"""Finished runs, read back from MLflow."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitjaru import project
from bitjaru.outcome import Outcome
from bitjaru.tracking.store.client import reached
from bitjaru.tracking.store.store import set_environment

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

GROUPS = ("experiment", "dataset", "tokenizer", "task", "architecture", "optimizer", "trainer")
COUNTS = {"objective", "weights", "best_epoch", "kept_epoch", "epoch_seconds", "seconds", "total_seconds"}
PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A finished run.

    Attributes:
        run_id: Of the MLflow run.
        kind: `run` or `baseline`.
        params: Its config, flat.
        code: `bitjaru.tracking.runs.code_digest.digest` of the code that made it; empty for older runs.
        started: Milliseconds since 1970.
    """

    run_id: str
    kind: str
    params: Mapping[str, str]
    code: str
    started: int


def finished(uri: str) -> list[Finished]:
    """Returns the finished runs and baselines of a store, the newest first."""
    with reached(uri) as client:
        return [
            Finished(
                run_id=run.info.run_id,
                kind=run.data.tags["kind"],
                params=run.data.params,
                code=run.data.tags.get("code", ""),
                started=run.info.start_time,
            )
            for run in _runs(client)
            if run.data.tags.get("kind") in {"run", "baseline"}
        ]


def outcome(uri: str, run_id: str) -> Outcome:
    """Returns the outcome of a finished run, as MLflow has it; its rows are those that the data set had."""
    with reached(uri) as client:
        run = client.get_run(run_id)
        names = [name for name in run.data.metrics if name.startswith(("train_", "valid_"))]
        points = {name: client.get_metric_history(run_id, name) for name in names}
    epochs = len(points.get("train_loss", ()))
    history = {
        name: [point.value for point in sorted(each, key=lambda point: point.step)]
        for name, each in points.items()
        if f"train_{name.partition('_')[2]}" in points and len(each) == epochs  # the others are single final figures
    }
    tags, metrics = run.data.tags, run.data.metrics
    return Outcome(
        status="FINISHED",
        reason=None,
        number=None,
        choices={group: tags[group] for group in GROUPS if group in tags},
        overrides=project.overrides_in(tags.get("overrides", "")),
        seed=int(tags["seed"]) if "seed" in tags else None,
        data_sha256=tags.get("data_sha256"),
        rows=_rows(run),
        weights=_count(metrics, "weights"),
        history=history,
        best_epoch=_count(metrics, "best_epoch"),
        kept_epoch=_count(metrics, "kept_epoch"),
        objective=metrics.get("objective"),
        metrics=_finals(metrics, history),
        epoch_seconds=metrics.get("epoch_seconds"),
        seconds=metrics.get("total_seconds", metrics.get("seconds", 0.0)),  # as older runs have it
        run_id=run_id,
    )


def artifact(uri: str, run_id: str, path: str, target: Path) -> Path | None:
    """Copies one file of a run into the folder `target`; returns None where the run has none."""
    set_environment()
    with reached(uri) as client:
        folder = path.rpartition("/")[0]
        if path not in {file.path for file in client.list_artifacts(run_id, folder)}:
            return None
        target.mkdir(parents=True, exist_ok=True)
        return Path(client.download_artifacts(run_id, path, str(target)))


def add_artifact(uri: str, run_id: str, file: Path, folder: str) -> None:
    """Adds a file to a run's artifacts."""
    set_environment()
    with reached(uri) as client:
        client.log_artifact(run_id, str(file), folder)


def _runs(client: "MlflowClient") -> "list[Run]":
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    found: list[Any] = []
    token = None
    while True:
        page = client.search_runs(experiments, "attributes.status = 'FINISHED'", max_results=PAGE, page_token=token)
        found += page
        token = page.token
        if not token:
            return sorted(found, key=lambda run: -run.info.start_time)


def _finals(metrics: Mapping[str, float], history: Mapping[str, Any]) -> dict[str, float]:
    """A final figure whose name has a curve is stored as `kept_…`, or as `best_…` where the best weights were kept."""
    finals = {name: value for name, value in metrics.items() if name not in COUNTS and name not in history}
    kept = {name.removeprefix("kept_"): value for name, value in finals.items() if name.startswith("kept_")}
    others = {name.removeprefix("best_"): value for name, value in finals.items() if not name.startswith("kept_")}
    return others | kept


def _count(metrics: Mapping[str, float], name: str) -> int | None:
    return int(metrics[name]) if name in metrics else None


def _rows(run: "Run") -> dict[str, int]:
    inputs = run.inputs.dataset_inputs if run.inputs else []
    rows = {}
    for each in inputs:
        tags = {tag.key: tag.value for tag in each.tags}
        rows[tags["mlflow.data.context"]] = int(json.loads(each.dataset.profile or "{}")["num_rows"])
    return rows
