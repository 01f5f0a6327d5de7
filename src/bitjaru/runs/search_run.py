"""A search's trials as the search's own process sees them. Fits `bitjaru.sweep.execution.platform.Platform`."""

import logging
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from bitjaru.configuration import Parts, build
from bitjaru.errors import BitjaruError
from bitjaru.outcome import FILE, Outcome
from bitjaru.runs import description, trial
from bitjaru.sweep.execution.jobs import Job
from bitjaru.tasks import Direction

if TYPE_CHECKING:
    import optuna

    from bitjaru.data.reviews import Corpus
    from bitjaru.sweep.execution.platform import Ended
    from bitjaru.tracking.runs.run import Run
    from bitjaru.tracking.sender import Sender

log = logging.getLogger(__name__)
Config = Mapping[str, Any]


class SearchRun:
    """The search's view of the platform, in the search's own process."""

    runner = f"{trial.__name__}:{trial.run_trial.__name__}"
    elsewhere = f"{trial.__name__}:{trial.warm_up_elsewhere.__name__}"

    def __init__(self) -> None:
        self._run: Run | None = None
        self._config: Config = {}
        self._objectives: Sequence[str] = ()
        self._loaded: tuple[Any, Corpus] | None = None
        self._folders: dict[int, Path] = {}
        self._sender: Sender | None = None

    @property
    def warm_up(self) -> str:
        """What workers import ahead; MLflow only where runs are tracked."""
        tracked = _parts(self._config).tracking.uri is not None
        return f"{trial.__name__}:{(trial.warm_up_tracked if tracked else trial.warm_up).__name__}"

    def directions(self, config: Config) -> tuple[Direction, ...]:
        """Returns the direction of the task's objective."""
        self._config = config
        return (_parts(config).task.direction,)

    def data(self, config: Config) -> str:
        """Reads the data set and returns its SHA-256."""
        self._config = config
        return self._load(config).sha256

    def code(self) -> str:
        """Returns the git commit and whether the tree was as it says."""
        from bitjaru.tracking.runs import provenance

        return " ".join(value for key, value in sorted(provenance.tags().items()) if "git" in key)

    def begin(self, study: "optuna.Study", folder: Path) -> None:
        """Starts the search's own run, or takes it up again."""
        from bitjaru.tracking.runs import recovery
        from bitjaru.tracking.runs.run import Run

        if recovery.holds_run(folder):
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

    def broken_off(self, error: BaseException) -> None:
        """Ends the search's run, KILLED where the user broke the search off and else FAILED; `begin` takes it up."""
        if self._run is None:
            return
        killed = isinstance(error, KeyboardInterrupt)
        reason = "interrupted" if killed else f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        try:
            self._run.end("KILLED" if killed else "FAILED", reason)
        except BitjaruError as another:  # there may be no room for it, and the first error says more
            log.warning("The search's run cannot be ended, and `bitjaru doctor` will: %s", another)

    @contextmanager
    def prepared(self, configs: Sequence[Config], folder: Path) -> Iterator[None]:
        """Loads, tokenizes and encodes once, for all trials; the files that share it go when they have ended."""
        shutil.rmtree(folder / trial.SHARED, ignore_errors=True)  # of a search that was killed
        try:
            for of_data, config in {trial.data_of(config): config for config in configs}.items():
                self._share(config, trial.shared_folder(folder, of_data))
            self._loaded = None  # from now on the workers read it
            yield
        finally:
            shutil.rmtree(folder / trial.SHARED, ignore_errors=True)

    def seconds_per_trial(self, config: Config) -> float | None:
        """Trains a few batches and reckons from them; epochs that early stopping saves are not known yet."""
        from bitjaru.runs.estimate import seconds_of_training

        parts = _parts(config)
        return seconds_of_training(parts, trial.LATEST.prepare(trial.data_of(config), parts))

    def started(self, job: Job) -> None:
        """Notes with the search what its trials are judged by; a trial's run starts itself."""
        self._folders[job.number] = job.folder
        if self._run is None or self._objectives:
            return
        self._objectives = job.objectives or (f"valid_{_parts(self._config).task.objective}",)
        self._run.tag({"objectives": list(self._objectives)})

    def reported(self, number: int, epoch: int, value: float) -> None:  # noqa: ARG002 - the run has told them
        """Sends what a trial on another machine told; one on this machine logs its epochs itself."""
        if self._run is not None:
            self._run.look()
        self._sends(self._folders[number])

    def ended(self, ended: "Ended") -> None:
        """Closes the run of a trial whose worker could not, and keeps the trial's state with it."""
        from bitjaru.tracking.runs import recovery
        from bitjaru.tracking.runs.run import Run

        for folder in recovery.abandoned(ended.job.folder):
            try:
                run = Run.reopen(folder)
            except BitjaruError as error:
                log.warning("The run of trial %d cannot be closed: %s", ended.job.number, error)
                continue
            run.end(*(("FAILED", ended.failure.reason) if ended.failure else ("FINISHED", None)))
        self._sends(self._folders.pop(ended.job.number, ended.job.folder))

    def _sends(self, folder: Path) -> None:
        from bitjaru.tracking.sender import Sender

        self._sender = self._sender or Sender()
        self._sender.send(folder)

    def _share(self, config: Config, folder: Path) -> None:
        from bitjaru.preparation import sharing
        from bitjaru.preparation.prepare import prepare

        data = prepare(_parts(config), loaded=self._load(config))
        try:
            sharing.write(data, folder)
        except OSError as error:
            log.warning("Each worker prepares the data itself, for it cannot be kept in %s: %s.", folder, error)

    def _load(self, config: Config) -> "Corpus":
        """Reads a data set, unless it was the last that was read."""
        if self._loaded is None or self._loaded[0] != config["dataset"]:
            self._loaded = config["dataset"], _parts(config).dataset.load()
        return self._loaded[1]

    def finish(self, study: "optuna.Study", folder: Path) -> None:
        """Compares the trials, and ends the search's run with its plots, tables and best parameters."""
        from bitjaru.runs.run_report import FOLDER, show_comparison

        if self._sender is not None:
            self._sender.wait()
        if self._run is None:
            return
        outcomes = [Outcome.load(path.parent) for path in sorted(folder.glob(f"*/{FILE}"))]
        tasks = {
            outcome.choices["task"]: _parts(self._config).task for outcome in outcomes if "task" in outcome.choices
        }
        if tasks:
            groups = show_comparison(outcomes, tasks, folder)
            self._run.tag({description.TAG: description.of_group(groups, sys.argv[1:])})
            if best := description.best_figures(groups):
                self._run.log(0, best)
            self._run.artifacts(folder / FOLDER, FOLDER)
        if (folder / "plots").is_dir():
            self._run.artifacts(folder / "plots", "plots")
        states = Counter(trial.state.name.lower() for trial in study.get_trials(deepcopy=False))
        self._run.tag({f"trials_{state}": count for state, count in states.items()})
        self._run.end("FINISHED", None)


def _parts(config: Config) -> Parts:
    return build(OmegaConf.create(dict(config)))
