"""Hydra's side of a grid; `bitjaru.runs.grid` does the work. Hydra runs this on every start: nothing heavy here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class GridSweeper(Sweeper):
    """Runs every combination of the values on the command line, as one tracked parent run with a comparison."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra gives to every sweeper."""
        self._context, self._config = hydra_context, config
        self._launcher: Launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Runs the grid; raises `GridError` when a run failed, after all have been tried."""
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser

        from bitjaru.errors import ConfigError
        from bitjaru.runs.grid import run_grid

        if "task" not in self._config:
            raise ConfigError(
                "`hydra/sweeper=grid` is for bitjaru's own runs. Received: a config without `task`. In another program "
                "choose `hydra/sweeper=basic`, or `hydra/sweeper=bitjaru` for a search."
            )
        parsed = OverridesParser.create(self._context.config_loader).parse_overrides(arguments)
        jobs = [list(job) for batch in BasicSweeper.split_arguments(parsed, None) for job in batch]
        folder = Path(self._config.hydra.sweep.dir).resolve()
        asked = [*self._config.hydra.overrides.hydra, *arguments]
        return run_grid(jobs, arguments=asked, folder=folder, compose=self._compose, launch=self._launch)

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        return self._context.config_loader.load_sweep_config(self._config, list(overrides))

    def _launch(self, jobs: Sequence[Sequence[str]], first: int) -> Sequence[Any]:
        return self._launcher.launch([list(job) for job in jobs], initial_job_idx=first)
