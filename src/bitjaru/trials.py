"""A search's trials: each is one tracked experiment below the search's own run. Fits `bitjaru.sweep.platform.Platform`.

Workers import this module for `run_trial`: nothing heavy at its top.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from bitjaru import experiment
from bitjaru.configuration import Parts, build
from bitjaru.errors import ConfigError, Stop, TrackingError
from bitjaru.outcome import FILE, Outcome
from bitjaru.parts import Direction
from bitjaru.record import Request
from bitjaru.sweep.jobs import Job, Reporter, Result

if TYPE_CHECKING:
    import optuna

    from bitjaru.preparation import Prepared
    from bitjaru.sweep.watching import Ended
    from bitjaru.tracking.run import Run

OF_THE_DATA = ("dataset", "tokenizer", "task", "max_len", "vocab_size", "padding", "seed")
log = logging.getLogger(__name__)
Config = Mapping[str, Any]


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
    outcome = experiment.run(request, listeners=[prune])
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
    from bitjaru.tensorflow_start import start_tensorflow

    start_tensorflow()
    from bitjaru import batches, bundle, evaluation, fitting, model, preparation, run_report  # noqa: F401


def warm_up_tracked() -> None:
    """Imports what every tracked trial needs."""
    from bitjaru.tracking.store import import_mlflow

    warm_up()
    import_mlflow()


def _figure(outcome: Outcome, name: str) -> float:
    known = {figure: value for figure, value in outcome.metrics.items() if not figure.startswith("test_")}
    if name not in known:
        raise ConfigError(
            f"`hydra.sweeper.objectives` must name figures of the validation part, or of the speed. Received: {name}. "
            f"There are: {', '.join(sorted(known))}."
        )
    return known[name]


class Trials:
    """The search's view of the platform, in the search's own process."""

    runner = "bitjaru.trials:run_trial"

    def __init__(self) -> None:
        self._run: Run | None = None
        self._config: Config = {}
        self._objectives: Sequence[str] = ()
        self._data: tuple[str, Prepared] | None = None

    @property
    def warm_up(self) -> str:
        """What workers import ahead; MLflow only where runs are tracked."""
        tracked = _parts(self._config).tracking.uri is not None
        return f"{__name__}:{(warm_up_tracked if tracked else warm_up).__name__}"

    def directions(self, config: Config) -> tuple[Direction, ...]:
        """Returns the direction of the task's objective."""
        self._config = config
        return (_parts(config).task.direction,)

    def data(self, config: Config) -> str:
        """Reads the data set and returns its SHA-256."""
        self._config = config
        return _parts(config).dataset.load().sha256

    def code(self) -> str:
        """Returns the git commit and whether the tree was as it says."""
        from bitjaru.tracking import origin

        return " ".join(value for key, value in sorted(origin.tags().items()) if "git" in key)

    def begin(self, study: "optuna.Study", folder: Path) -> None:
        """Starts the search's own run, or takes it up again."""
        from bitjaru.tracking import leftovers
        from bitjaru.tracking.run import Run

        if leftovers.holds_run(folder):
            self._run = Run.reopen(folder)
            return
        tracking, dataset = _parts(self._config).tracking, self._config["dataset"]["name"]
        tracking.prepare(dataset)
        self._run = tracking.start(
            folder,
            name=f"search {study.study_name}",
            kind="search",
            experiment=dataset,
            config=self._config,
            tags={"study": study.study_name, "direction": [direction.name.lower() for direction in study.directions]},
        )

    def prepare(self, configs: Sequence[Config]) -> None:
        """Tokenizes once, before several workers would."""
        from bitjaru.preparation import prepare

        for config in {_data_of(config): config for config in configs}.values():
            prepare(_parts(config))

    def seconds_per_trial(self, config: Config) -> float | None:
        """Trains a few batches and reckons from them; epochs that early stopping saves are not known yet."""
        from bitjaru.estimate import seconds_of_training
        from bitjaru.preparation import prepare

        parts, of_data = _parts(config), _data_of(config)
        if self._data is None or self._data[0] != of_data:
            self._data = of_data, prepare(parts)
        return seconds_of_training(parts, self._data[1])

    def started(self, job: Job) -> None:
        """Notes with the search what its trials are judged by; a trial's run starts itself."""
        if self._run is None or self._objectives:
            return
        self._objectives = job.objectives or (f"valid_{_parts(self._config).task.objective}",)
        self._run.tag({"objectives": list(self._objectives)})

    def reported(self, number: int, epoch: int, value: float) -> None:
        """Nothing to do: a trial's run logs its epochs itself."""

    def ended(self, ended: "Ended") -> None:
        """Closes the run of a trial whose worker could not, and keeps the trial's state with it."""
        from bitjaru.tracking import leftovers
        from bitjaru.tracking.run import Run

        for folder in leftovers.abandoned(ended.job.folder):
            try:
                run = Run.reopen(folder)
            except TrackingError as error:
                log.warning("The run of trial %d cannot be closed: %s", ended.job.number, error)
                continue
            run.end(*(("FAILED", ended.failure.reason) if ended.failure else ("FINISHED", None)))

    def finish(self, study: "optuna.Study", folder: Path) -> None:
        """Compares the trials, and ends the search's run with its plots, tables and best parameters."""
        from bitjaru.run_report import FOLDER, show_comparison

        if self._run is None:
            return
        outcomes = [Outcome.load(path.parent) for path in sorted(folder.glob(f"*/{FILE}"))]
        tasks = {
            outcome.choices["task"]: _parts(self._config).task for outcome in outcomes if "task" in outcome.choices
        }
        if tasks:
            show_comparison(outcomes, tasks, folder)
            self._run.artifacts(folder / FOLDER, FOLDER)
        if (folder / "plots").is_dir():
            self._run.artifacts(folder / "plots", "plots")
        states = Counter(trial.state.name.lower() for trial in study.get_trials(deepcopy=False))
        self._run.tag({f"trials_{state}": count for state, count in states.items()})
        self._run.end("FINISHED", None)


def _data_of(config: Config) -> str:
    """Returns what is equal for configurations that are prepared alike."""
    return json.dumps({name: config[name] for name in OF_THE_DATA}, sort_keys=True)


def _parts(config: Config) -> Parts:
    return build(OmegaConf.create(dict(config)))
