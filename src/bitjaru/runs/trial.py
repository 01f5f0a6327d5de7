"""One trial of a search: a tracked experiment below the search's own run. Workers import it: nothing heavy here."""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from bitjaru.configuration import Parts, build
from bitjaru.errors import ConfigError, Stop
from bitjaru.outcome import Outcome
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.sweep.execution.jobs import Job, Reporter, Result

if TYPE_CHECKING:
    from bitjaru.preparation.prepare import Prepared

SHARED = ".data"  # below a search's folder, while it runs
MOST_SHARED = 16  # preparations, of up to some 200 MB each: a search over `max_len` may have any number
OF_THE_DATA = ("dataset", "tokenizer", "task", "max_len", "vocab_size", "padding", "train_fraction", "seed")
OF_A_VIEW = ("tokenizer", "max_len", "vocab_size", "vocabulary", "padding")


def data_of(config: Mapping[str, Any]) -> str:
    """Returns what is equal for configurations that are prepared alike."""
    architecture = config["architecture"]
    views = {name: {key: view[key] for key in OF_A_VIEW} for name, view in architecture.get("views", {}).items()}
    reading = {"views": views, "texts": not views and "embedding" not in architecture}
    return json.dumps({name: config[name] for name in OF_THE_DATA} | reading, sort_keys=True)


def shared_folder(search: Path, of_data: str) -> Path:
    """Returns where a search keeps the data that it prepared for its trials."""
    return search / SHARED / hashlib.sha256(of_data.encode()).hexdigest()[:16]


class LatestData:
    """The data that this process used last: trials that differ in other things share it."""

    def __init__(self) -> None:
        self._kept: tuple[str, Prepared] | None = None

    def prepare(self, of_data: str, parts: Parts, *, search: Path | None = None) -> "Prepared":
        """Returns the data, and keeps it for the next one who asks for the same.

        Args:
            of_data: From `data_of`, of the configuration that the parts were made of.
            parts: Prepare it, where nobody has yet.
            search: The folder of a search that may have prepared it.
        """
        if self._kept is None or self._kept[0] != of_data:
            self._kept = None  # before the next is prepared: there need not be room for both
            self._kept = of_data, _prepared(of_data, parts, search)
        return self._kept[1]


def _prepared(of_data: str, parts: Parts, search: Path | None) -> "Prepared":
    """Prepares data, or has it from the search's folder; what other trials may want is put there."""
    from bitjaru.preparation import sharing
    from bitjaru.preparation.prepare import prepare

    if search is None:
        return prepare(parts)
    folder = shared_folder(search, of_data)
    if (shared := sharing.read(folder)) is not None:
        return shared
    data = prepare(parts)
    if folder.parent.is_dir() and sum(1 for _ in folder.parent.iterdir()) < MOST_SHARED:
        with contextlib.suppress(OSError):  # another worker was quicker, or there is no room
            sharing.write(data, folder)
    return data


LATEST = LatestData()


def run_trial(job: Job, reporter: Reporter) -> Result:
    """Runs one trial; `bitjaru.sweep` calls it in a worker.

    Raises:
        BitjaruError: If the run fails.
    """
    config = OmegaConf.create({**(job.config or {})})
    config.tracking.parent = str(job.folder.parent)
    config.trainer.checkpoint = True
    parts = build(config)
    watched = f"valid_{parts.task.objective}"

    def prune(epoch: int, metrics: Mapping[str, float]) -> None:
        if watched in metrics and reporter.report(epoch, metrics[watched]):
            raise Stop("pruned")

    request = Request(
        config=config,
        folder=job.folder,
        number=job.number,
        choices=job.choices,
        overrides=job.overrides,
        resume=job.resume,
    )
    prepare = partial(LATEST.prepare, data_of(job.config or {}), search=job.folder.parent)
    outcome = single_run.run(request, listeners=[prune], prepare=prepare)
    if outcome.run_id is not None:
        reporter.remember("run_id", outcome.run_id)
    if outcome.objective is None:
        raise ConfigError(
            "A search needs a validation part, since the test part is never searched on. Received: none. "
            "Set `dataset.validation.fraction` above 0."
        )
    if outcome.reason == "pruned" or not job.objectives:
        return Result((outcome.objective,), pruned=outcome.reason == "pruned")
    return Result(tuple(_figure(outcome, name) for name in job.objectives))


def warm_up() -> None:
    """Imports what every trial needs; `bitjaru.sweep` calls it in a worker, while the search prepares."""
    from bitjaru.training.tensorflow_start import start_tensorflow

    start_tensorflow()
    from bitjaru.models import bundle  # noqa: F401
    from bitjaru.preparation import prepare, sharing  # noqa: F401
    from bitjaru.runs import run_report  # noqa: F401
    from bitjaru.training import epochs, evaluation, input_pipeline, model  # noqa: F401


def warm_up_tracked() -> None:
    """Imports what every tracked trial needs."""
    from bitjaru.tracking.store.store import import_mlflow

    warm_up()
    import_mlflow()


def warm_up_elsewhere() -> None:
    """Imports what every trial needs on another machine, whose runs the search's own process sends to MLflow."""
    from bitjaru.tracking.runs.synchronization import hold_back

    hold_back()
    warm_up()


def _figure(outcome: Outcome, name: str) -> float:
    known = {figure: value for figure, value in outcome.metrics.items() if not figure.startswith("test_")}
    if name not in known:
        raise ConfigError(
            f"`hydra.sweeper.objectives` must name figures of the validation part, or of the speed. Received: {name}. "
            f"There are: {', '.join(sorted(known))}."
        )
    return known[name]
