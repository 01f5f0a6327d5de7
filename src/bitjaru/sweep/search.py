"""A whole search: from checked settings to the best parameters."""

import dataclasses
import hashlib
import json
import logging
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from bitjaru import terminal
from bitjaru.errors import ConfigError
from bitjaru.parts import Direction
from bitjaru.sweep import building, plan, reading, results
from bitjaru.sweep.composing import Composition
from bitjaru.sweep.engines import Engine, Launched, Launcher, Surroundings
from bitjaru.sweep.executors import Executor, Sink
from bitjaru.sweep.loop import Loop, Watcher
from bitjaru.sweep.mould import Composed
from bitjaru.sweep.platform import Platform
from bitjaru.sweep.processes import cores
from bitjaru.sweep.samplers import Exhaustive
from bitjaru.sweep.settings import Settings
from bitjaru.sweep.space import Fixed, Space
from bitjaru.sweep.storage import open_storage, ownership
from bitjaru.sweep.study import FOLDER, Identity, directions_of, open_study
from bitjaru.sweep.table import Board
from bitjaru.sweep.worker import load

PLOTS = "plots"
UNCOMPARED = ("tracking", "sweeps")  # settings that do not touch a trial's value
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Search:
    """A search that has been checked as far as that goes without a study.

    Attributes:
        settings: The keys of `hydra.sweeper`.
        space: What is tried.
        composition: Makes configurations.
        engine: Where trials run.
        platform: Whose trials they are; None for a plain Hydra program.
        storage: Where studies are kept.
        folder: Where a new study's job folders go.
    """

    settings: Settings
    space: Space
    composition: Composition
    engine: Engine
    platform: Platform | None
    storage: BaseStorage
    folder: Path

    @classmethod
    def read(cls, settings: Settings, arguments: Sequence[str], composition: Composition, folder: Path) -> "Search":
        """Reads the space and checks everything that can be checked before the study is opened.

        Raises:
            ConfigError: If anything about the search is wrong.
        """
        _check_methods(settings)
        storage = open_storage(settings.storage)  # before the space, which takes seconds to read
        platform: Platform | None = None if settings.platform is None else load(settings.platform)()
        engine: Engine = building.executor(settings.executor)

        def check(lines: Sequence[str]) -> None:
            if platform is not None and settings.direction is None:
                platform.directions(composition.settings(lines))

        lines = [*settings.lines, *arguments]
        space = reading.read(lines, composition, spaces=settings.spaces, check=check)
        if settings.n_jobs > cores() and not engine.composes:
            log.warning(
                "n_jobs=%d is more than the %d cores of this machine: trials will wait.", settings.n_jobs, cores()
            )
        return cls(
            settings=settings,
            space=space,
            composition=composition,
            engine=engine,
            platform=platform,
            storage=storage,
            folder=folder,
        )

    def run(self, make_launcher: Callable[[], Launcher]) -> list[Sequence[Any]] | None:
        """Searches, or shows the plan.

        Args:
            make_launcher: Makes Hydra's launcher, once the job folders are settled.

        Returns:
            What Hydra's launcher returned, batch by batch; None for other engines.

        Raises:
            BitjaruError: If the study cannot go on, or its trials keep failing.
            KeyboardInterrupt: If the user broke it off.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        identity = self._identity()
        name = self.settings.study_name or _name(identity)
        with ExitStack() as stack:
            lock = stack.enter_context(ownership(self.settings.storage, name))
            sampler, pruner, trials = self._methods(name, objectives=len(identity.directions))
            if self.settings.plan:
                self._show_plan(name, trials, _ended(name, self.storage))
                return None
            if _begun(name, self.storage) == 0:
                _check_free(self.folder)
            study = open_study(name, self.storage, identity, sampler=sampler, pruner=pruner)
            return self._search(study, trials, lock, make_launcher)

    def _identity(self) -> Identity:
        base = self._base()
        config = self.composition.settings(base) if self.platform else {}
        settings = {key: value for key, value in self.composition.compose(base).items() if key not in UNCOMPARED}
        return Identity(
            directions=self._directions(config),
            space=self.space.describe(),
            settings=dict(_flat(settings)),
            data=None if self.platform is None else self.platform.data(config),
            code=None if self.platform is None else self.platform.code(),
        )

    def _directions(self, config: Mapping[str, Any]) -> tuple[Direction, ...]:
        if self.settings.direction is not None:
            return directions_of(self.settings.direction)
        return ("minimize",) if self.platform is None else self.platform.directions(config)

    def _base(self, chosen: Mapping[str, str] | None = None) -> list[str]:
        """Returns the settings that stay, with the first option of each searched group, or the chosen ones."""
        first = chosen if chosen is not None else plan.combinations(self.space)[0]
        groups = [knob for knob in self.space.knobs if knob.texts and self.composition.options(knob.key.lstrip("+"))]
        fixed = [entry.line for entry in self.space.entries if isinstance(entry, Fixed) and not entry.when]
        return [*fixed, *(f"{knob.key}={first.get(knob.name, (knob.texts or ('',))[0])}" for knob in groups)]

    def _methods(self, name: str, *, objectives: int) -> tuple[BaseSampler, BasePruner, int]:
        """Makes the sampler and the pruner, and says how many trials there will be."""
        begun, n_jobs = _begun(name, self.storage), self.settings.n_jobs
        sampler = building.sampler(self.settings.sampler, self.space, trials=begun, n_jobs=n_jobs)
        within = tuple(self.settings.compare_within)
        pruner = building.pruner(self.settings.pruner, objectives=objectives, within=within)
        if isinstance(sampler, Exhaustive):
            return sampler, pruner, min(self.settings.n_trials, len(sampler))
        if not self.space.knobs:
            raise ConfigError(
                "A search must have something to try. Received: no searched parameter. Write "
                "architecture=choice(lstm,gru), name groups in hydra.sweeper.spaces, or use hydra/sweeper/sampler=grid "
                "to run once."
            )
        return sampler, pruner, self.settings.n_trials

    def _search(
        self, study: optuna.Study, trials: int, lock: int | None, make_launcher: Callable[[], Launcher]
    ) -> list[Sequence[Any]] | None:
        folder = self._settle_folder(study)
        launcher = make_launcher() if self.engine.composes else None
        executors: list[Executor] = []

        def start(sink: Sink) -> Executor:
            runner = None if self.platform is None else self.platform.runner
            around = Surroundings(runner=runner, n_jobs=self.settings.n_jobs, lock=lock, launcher=launcher)
            executors.append(self.engine.start(around, sink))
            return executors[-1]

        if self.platform is not None:
            self.platform.begin(study, folder)
        if _open(study, trials):
            self._prepare()
            with self._board(study, trials) as board:
                watchers: list[Watcher] = [board, *([] if self.platform is None else [self.platform])]
                loop = Loop(
                    study,
                    self.space,
                    self.settings.limits,
                    trials,
                    self._compose(folder),
                    watchers,
                    tuple(self.settings.objectives or ()),
                )
                loop.run(start)
        else:
            log.info("The study %s has its %d trials already.", study.study_name, trials)
        self._finish(study, folder)
        return next((one.returns for one in executors if isinstance(one, Launched)), None)

    def _settle_folder(self, study: optuna.Study) -> Path:
        if FOLDER not in study.user_attrs:
            study.set_user_attr(FOLDER, str(self.folder))
        folder = Path(study.user_attrs[FOLDER])
        if folder != self.folder:
            self.composition.move(str(folder))
        self.composition.save(folder)
        return folder

    def _prepare(self) -> None:
        if self.platform is not None:
            chosen = plan.combinations(self.space)
            self.platform.prepare([self.composition.settings(self._base(one)) for one in chosen])

    def _board(self, study: optuna.Study, trials: int) -> Board:
        front = results.best(study)
        minimize = study.directions[0] == optuna.study.StudyDirection.MINIMIZE
        return Board(
            n_trials=trials,
            n_jobs=self.settings.n_jobs,
            better=operator.lt if minimize else operator.gt,
            finished=len(study.get_trials(deepcopy=False)) - len(_running(study)),
            console=terminal.console(),
            best=front[0].values[0] if front else None,
        )

    def _compose(self, folder: Path) -> Callable[[Sequence[str], int], Composed]:
        if self.engine.composes:
            return lambda _, number: Composed({}, {}, folder / str(number))
        return self.composition.trial

    def _finish(self, study: optuna.Study, folder: Path) -> None:
        results.write(study, folder, Path(sys.argv[0]).name)
        if self.settings.plots:
            from bitjaru.sweep import plots  # brings scikit-learn, which takes a second to import

            plots.draw(study, folder / PLOTS)
        _say(study, self.settings.compare_within, folder)
        if self.platform is not None:
            self.platform.finish(study, folder)

    def _show_plan(self, name: str, trials: int, done: int) -> None:
        console, n_jobs, platform = terminal.console(), self.settings.n_jobs, self.platform
        plan.show(self.space, console, study=name, trials=trials, done=done, n_jobs=n_jobs)
        configs = [self.composition.settings(self._base(one)) for one in plan.combinations(self.space)]
        seconds = [None if platform is None else platform.seconds_per_trial(config) for config in configs]
        console.print(plan.estimate(trials - done, n_jobs, seconds))


def _check_methods(settings: Settings) -> None:
    """Makes the sampler and the pruner once, for their mistakes to show before anything is composed."""
    objectives = 1 if settings.direction is None else len(directions_of(settings.direction))
    building.sampler(settings.sampler, Space(()), trials=0)
    building.pruner(settings.pruner, objectives=objectives, within=())


def _check_free(folder: Path) -> None:
    if (folder / results.BEST).exists() or (folder / "0").exists():
        raise ConfigError(
            f"`hydra.sweep.dir` must be a folder without trials when a study begins. Received: {folder}, which holds "
            "another search. Name another folder, or go on with that study: hydra.sweeper.study_name=…"
        )


def _say(study: optuna.Study, within: Sequence[str], folder: Path) -> None:
    saved, failed = results.saved_by_pruning(study, within), results.failures(study)
    if saved.trials:
        log.info(
            "Pruning ended %d trials early: about %d epochs and %.0f minutes saved.",
            saved.trials,
            saved.epochs,
            saved.seconds / 60,
        )
    if failed:
        log.warning("Failed: %s.", ", ".join(f"{count} {reason}" for reason, count in failed.items()))
    for trial in results.best(study):
        values = ", ".join(f"{value:.6g}" for value in trial.values)
        log.info("Best: trial %d with %s\n  %s", trial.number, values, results.command(trial, Path(sys.argv[0]).name))
    log.info("Study %s, files in %s", study.study_name, folder)


def _name(identity: Identity) -> str:
    """Names a study that has no name by what it searches: the same command finds it again."""
    content = json.dumps(dataclasses.asdict(identity) | {"code": None, "data": None}, sort_keys=True)
    return f"search-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _flat(node: Any, prefix: str = "") -> Any:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, str(node)


def _begun(name: str, storage: BaseStorage) -> int:
    if name not in optuna.get_all_study_names(storage):
        return 0
    return storage.get_n_trials(storage.get_study_id_from_name(name))


def _ended(name: str, storage: BaseStorage) -> int:
    if name not in optuna.get_all_study_names(storage):
        return 0
    ends = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
    return storage.get_n_trials(storage.get_study_id_from_name(name), ends)


def _running(study: optuna.Study) -> list[Any]:
    return study.get_trials(deepcopy=False, states=(TrialState.RUNNING, TrialState.WAITING))


def _open(study: optuna.Study, trials: int) -> bool:
    begun = study.get_trials(deepcopy=False)
    return len(begun) < trials or bool(_running(study))
