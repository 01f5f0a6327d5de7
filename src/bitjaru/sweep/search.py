"""A whole search: from checked settings to the best parameters."""

import logging
import operator
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from bitjaru import terminal
from bitjaru.sweep import chosen_methods, outcomes
from bitjaru.sweep.chosen_methods import Methods
from bitjaru.sweep.conclusion import conclude
from bitjaru.sweep.execution.engines import Engine, Launched, Launcher, Surroundings, WorkerProcesses
from bitjaru.sweep.execution.platform import Platform, told_of_errors
from bitjaru.sweep.execution.program import Program
from bitjaru.sweep.execution.worker import load
from bitjaru.sweep.execution.worker_process import cores
from bitjaru.sweep.loop import Loop
from bitjaru.sweep.methods import building
from bitjaru.sweep.progress_table import Board
from bitjaru.sweep.settings import Settings
from bitjaru.sweep.space import example_configs, first_trials, plan, space_reader
from bitjaru.sweep.space.composition import Composition
from bitjaru.sweep.space.composition_cache import Composed
from bitjaru.sweep.space.custom import Custom
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.storage import single_writer
from bitjaru.sweep.storage.address import local, shown
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.ownership import ownership
from bitjaru.sweep.study import agreement, folders, progress, results
from bitjaru.sweep.study.again import Again
from bitjaru.sweep.study.identity import identify
from bitjaru.sweep.study.study import directions_of, open_study

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
        program: A plain Hydra program; None for bitjaru's own.
        custom: What a function of the program's adds to the space; None for nothing.
    """

    settings: Settings
    space: Space
    composition: Composition
    engine: Engine
    platform: Platform | None
    storage: BaseStorage
    folder: Path
    program: Program | None
    custom: Custom | None

    @classmethod
    def read(
        cls, settings: Settings, arguments: Sequence[str], composition: Composition, folder: Path, *, program: Program
    ) -> "Search":
        """Reads the space and checks everything that can be checked before the study is opened.

        Raises:
            ConfigError: If anything about the search is wrong.
        """
        chosen_methods.check(settings)
        settings = settings if settings.platform is not None else replace(settings, storage=local(settings.storage))
        storage = open_storage(settings.storage)  # before the space, which takes seconds to read
        platform: Platform | None = None if settings.platform is None else load(settings.platform)()
        engine: Engine = building.executor(settings.executor)

        def check(lines: Sequence[str]) -> None:
            if platform is not None:
                settings.check_directions(platform.directions(composition.settings(lines)))

        lines = [*settings.lines, *arguments]
        space = space_reader.read(lines, composition, spaces=settings.spaces, check=check)
        if settings.n_jobs > cores() and isinstance(engine, WorkerProcesses):
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
            program=program if platform is None else None,
            custom=Custom.load(settings.custom_search_space, composition.master, program.folder)
            if settings.custom_search_space
            else None,
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
        direction = self.settings.direction
        directions = None if direction is None else directions_of(direction)
        identity = identify(
            self.space,
            self.composition,
            self.platform,
            directions,
            program=None if self.program is None else self.program.path,
            custom=self.settings.custom_search_space,
        )
        name = self.settings.study_name or identity.name
        with ExitStack() as stack:
            owner = stack.enter_context(ownership(self.settings.storage, name))
            single_writer.guard(self.storage, owner.check)
            begun, objectives = progress.begun(name, self.storage), len(identity.directions)
            chosen = Methods.make(self.settings, self.space, objectives=objectives, begun=begun)
            if self.settings.plan:
                self._show_plan(name, chosen.trials)
                return None
            if begun == 0:
                folders.check_free(self.folder)
            study = open_study(name, self.storage, identity, sampler=chosen.sampler, pruner=chosen.pruner)
            folder = folders.settle(study, self.folder, self.composition)
            agreement.check(study, folder)
            stack.enter_context(told_of_errors(self.platform))
            launcher = make_launcher() if self.engine.composes else None
            returned = None
            if progress.left(study, chosen.trials) > 0:
                self._say_total(name, chosen.trials, begun)
                if self.settings.defaults_first and not chosen.exhaustive:
                    first_trials.enqueue(study, self.space, self.composition)
                returned = self._run_trials(study, chosen.trials, folder, owner.lock, launcher)
            else:
                log.info("The study %s has its %d trials already.", name, chosen.trials)
                self._begin(study, folder)
                if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)):
                    self.settings.limits.check(outcomes.failures(study), left=0)
            again = Again.typed(starts_searches=self.program is not None and self.composition.starts_searches)
            conclude(study, folder, within=self.settings.compare_within, plots=self.settings.plots, again=again)
            if self.platform is not None:
                self.platform.finish(study, folder)
            return returned

    def _run_trials(
        self, study: optuna.Study, trials: int, folder: Path, lock: int | None, launcher: Launcher | None
    ) -> list[Sequence[Any]] | None:
        with ExitStack() as stack:
            board = self._board(study, trials)
            loop = Loop(
                study,
                self.space,
                self.settings.limits,
                trials,
                self._compose(folder),
                [board, *([] if self.platform is None else [self.platform])],
                tuple(self.settings.objectives or ()),
                self.custom,
            )
            around = Surroundings(
                runner=None if self.platform is None else self.platform.runner,
                warm_up=None if self.platform is None else self.platform.warm_up,
                elsewhere=None if self.platform is None else self.platform.elsewhere,
                program=self.program,
                n_jobs=min(self.settings.n_jobs, progress.left(study, trials)),
                lock=lock,
                launcher=launcher,
            )
            # Before anything is prepared: workers take seconds to start.
            executor = self.engine.start(around, loop)
            stack.callback(executor.shutdown)
            self._begin(study, folder)
            if self.platform is not None:
                stack.enter_context(self.platform.prepared(example_configs.every(self.space, self.composition), folder))
            with board:
                loop.run(executor)
            return executor.returns if isinstance(executor, Launched) else None

    def _say_total(self, name: str, trials: int, begun: int) -> None:
        """Says what those who know the official plugin do not expect: how many trials there will be in all."""
        if self.settings.storage is None:
            log.info("Study %s, in memory only, with %d trials in all.", name, trials)
            return
        there = f", {begun} of them begun before" if begun else ""
        log.info(
            "Study %s in %s: %d trials in all%s. Whenever it stops, the same command goes on to that total.",
            name,
            shown(self.settings.storage),
            trials,
            there,
        )

    def _begin(self, study: optuna.Study, folder: Path) -> None:
        if self.platform is not None:
            self.platform.begin(study, folder)

    def _board(self, study: optuna.Study, trials: int) -> Board:
        least = [direction == optuna.study.StudyDirection.MINIMIZE for direction in study.directions]
        reached = zip(*(trial.values for trial in results.best(study)), strict=True)
        return Board(
            n_trials=trials,
            n_jobs=self.settings.n_jobs,
            better=[operator.lt if each else operator.gt for each in least],
            finished=progress.decided(study),
            console=terminal.console(),
            best=[min(values) if each else max(values) for each, values in zip(least, reached, strict=False)],
        )

    def _compose(self, folder: Path) -> Callable[[Sequence[str], int], Composed]:
        if self.engine.composes:
            return lambda _, number: Composed({}, {}, folder / str(number))
        return self.composition.trial if self.program is None else self.composition.job

    def _show_plan(self, name: str, trials: int) -> None:
        console, n_jobs, platform = terminal.console(), self.settings.n_jobs, self.platform
        done = progress.ended(name, self.storage)
        plan.show(self.space, console, study=name, trials=trials, done=done, n_jobs=n_jobs)
        configs = example_configs.every(self.space, self.composition)
        seconds = [None if platform is None else platform.seconds_per_trial(config) for config in configs]
        console.print(plan.estimate(trials - done, n_jobs, seconds))
