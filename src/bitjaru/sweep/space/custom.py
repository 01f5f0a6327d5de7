"""A function of the user's own that draws what the grammar of a space cannot say: `hydra.sweeper.custom_search_space`.

As in the official plugin: it is called with the config and the trial after the space has been drawn, and what it
suggests under the name of a key is set.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna

from bitjaru.errors import ConfigError
from bitjaru.targets import lies_in

KEY = "hydra.sweeper.custom_search_space"


@dataclass(frozen=True)
class Custom:
    """What a user's function adds to a space.

    Attributes:
        function: Called with the config and the trial.
        config: Of the sweep.
    """

    function: Callable[[Any, optuna.Trial], None]
    config: Any

    @classmethod
    def load(cls, path: str, config: Any, folder: Path) -> "Custom":
        """Imports the function.

        Args:
            path: `module.function`, with or without the dot before it that the official plugin asks for.
            config: Of the sweep.
            folder: Of the program, where the module must be: nothing else is called because a config names it.

        Raises:
            ConfigError: If there is no such function there.
        """
        module, _, name = path.removeprefix(".").rpartition(".")
        if not lies_in(module.partition(".")[0], folder):
            raise ConfigError(
                f"`{KEY}` must name a function in a module of the program's own folder, {folder}. Received: {path}. "
                "Nothing of it was imported."
            )
        function = getattr(importlib.import_module(module), name, None)
        if not callable(function):
            raise ConfigError(f"`{KEY}` must name a function. Received: {path}, which is none.")
        return cls(function, config)

    def overrides(self, trial: optuna.Trial, drawn: Mapping[str, Any], lines: Sequence[str]) -> tuple[str, ...]:
        """Lets the function draw; returns what it added as override lines.

        Args:
            trial: That was asked for.
            drawn: What the space drew, by name.
            lines: The overrides that there are already.

        Raises:
            ConfigError: If the function fails, or draws what is set already.
        """
        try:
            self.function(self.config, trial)
        except Exception as error:
            raise ConfigError(f"`{KEY}` must draw from the trial. Received: {type(error).__name__}: {error}") from error
        added = {name: value for name, value in trial.params.items() if name not in drawn}
        fixed = {line.partition("=")[0].lstrip("+~") for line in lines}
        if twice := [name for name in added if name.lstrip("+~") in fixed]:
            raise ConfigError(
                f"`{KEY}` must not draw what is set already. Received: {', '.join(twice)}. Leave one of both out."
            )
        return tuple(f"{name}={value}" for name, value in added.items())
