"""The ensemble as a run beside its members."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from bitjaru.data.reviews import Corpus
from bitjaru.ensembles.members import Members
from bitjaru.models.bundle import Bundle
from bitjaru.outcome import Outcome
from bitjaru.tracking.destination import Tracking

BUNDLE, REPORT, EXAMPLES = "bundle", "report", 2
GROUPS = ("dataset", "task")


@dataclass(frozen=True)
class Made:
    """An ensemble with all that its run tells.

    Attributes:
        members: The chosen runs.
        bundle: The model, saved in the run's folder.
        corpus: Their data.
        metrics: Its figures.
        note: Shown on the run's page, as Markdown.
        seconds: What choosing took.
    """

    members: Members
    bundle: Bundle
    corpus: Corpus
    metrics: Mapping[str, float]
    note: str
    seconds: float


def track(tracking: Tracking, made: Made, folder: Path) -> str | None:
    """Tells MLflow of the ensemble as a run of its own; returns its id.

    Args:
        tracking: Where runs are tracked.
        made: The ensemble.
        folder: Of the run, with its bundle and its report.
    """
    first, corpus = next(iter(made.members.runs.values())), made.corpus
    choices = {group: first.tags[group] for group in GROUPS if group in first.tags} | {"architecture": "ensemble"}
    run = tracking.start(
        folder,
        name="ensemble",
        kind="run",
        experiment=first.tags.get("dataset", corpus.name),
        config=_params(made),
        tags={"mlflow.note.content": made.note, "objective": "valid_accuracy", "direction": "maximize", **choices},
    )
    run.data(corpus)
    run.artifacts(folder / REPORT, REPORT)
    run.model(folder / BUNDLE, examples=list(corpus.splits.train.texts[:EXAMPLES]))
    outcome = Outcome(
        status="FINISHED",
        reason=None,
        number=None,
        choices=choices,
        overrides=[],
        seed=None,
        data_sha256=corpus.sha256,
        rows={part: len(each) for part, each in corpus.splits.items()},
        weights=made.bundle.model.weights,
        history={},
        best_epoch=None,
        objective=made.metrics["valid_accuracy"],
        metrics=made.metrics,
        epoch_seconds=None,
        seconds=made.seconds,
        run_id=run.run_id,
    )
    outcome.save(folder)
    run.finish(outcome)
    return run.run_id


def _params(made: Made) -> dict[str, Any]:
    config: Any = OmegaConf.to_container(made.bundle.config, resolve=True)
    shares = enumerate(made.members.shares.items(), 1)
    return {
        "dataset": config["dataset"],
        "ensemble": {f"member_{place}": f"{run}, {share:.0%}" for place, (run, share) in shares},
    }
