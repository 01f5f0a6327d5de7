"""Hydra's side of a search; `bitjaru.sweep` does the work. Hydra runs this on every start: nothing heavy here."""

import os
import sys
from pathlib import Path
from typing import Any

from hydra.core.plugins import Plugins
from hydra.errors import CompactHydraException
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


class BitjaruSweeper(Sweeper):
    """Searches with Optuna: conditional spaces, pruning, resume, no barrier between trials."""

    def __init__(self, **settings: Any) -> None:
        # `setup` reads them from the composed config, where interpolations resolve.
        del settings

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra gives to every sweeper."""
        self._context, self._task_function, self._config = hydra_context, task_function, config

    def sweep(self, arguments: list[str]) -> Any:
        """Searches; returns what Hydra's launcher returned where that ran the trials."""
        from bitjaru.errors import BitjaruError
        from bitjaru.sweep.execution.program import Program
        from bitjaru.sweep.search import Search
        from bitjaru.sweep.settings import check
        from bitjaru.sweep.space.composition import Composition
        from bitjaru.sweep.storage.address import check_secret

        settings: Any = OmegaConf.to_container(self._config.hydra.sweeper, resolve=True)
        settings = {key: value for key, value in settings.items() if key not in {"_target_", "_recursive_"}}
        folder = Path(self._config.hydra.sweep.dir).resolve()
        composition = Composition(self._context.config_loader, self._config)
        try:
            check_secret(OmegaConf.to_container(self._config.hydra.sweeper, resolve=False)["storage"])  # type: ignore[index, call-overload]
            search = Search.read(
                check(settings), arguments, composition, folder, program=Program.of(self._task_function, self._path())
            )
            return search.run(self._launcher)
        except BitjaruError as error:
            if settings.get("platform") is not None:
                raise
            raise CompactHydraException(str(error)) from error  # Hydra shows it without a traceback

    def _path(self) -> str:
        """The file of the program, seen from the working directory."""
        module = sys.modules.get(self._task_function.__module__)
        return os.path.relpath(str(getattr(module, "__file__", None) or sys.argv[0]))

    def _launcher(self) -> Launcher:
        return Plugins.instance().instantiate_launcher(
            hydra_context=self._context, task_function=self._task_function, config=self._config
        )
