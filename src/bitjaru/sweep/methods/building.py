"""From sampler, pruner and executor options to objects, mistakes explained. Hydra's instantiate is used here only."""

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from optuna.pruners import BasePruner, NopPruner
from optuna.samplers import BaseSampler
from pydantic import ValidationError

from bitjaru import targets
from bitjaru.configuration import explain
from bitjaru.errors import ConfigError
from bitjaru.sweep.methods.pruners import Alike
from bitjaru.sweep.methods.samplers import Grid
from bitjaru.sweep.space.space import Space

_PARTIAL = "_partial_"


def sampler(node: Mapping[str, Any], space: Space, *, trials: int, n_jobs: int = 1) -> BaseSampler:
    """Makes a sampler.

    Args:
        node: An option of `hydra/sweeper/sampler`.
        space: What an exhaustive one counts through.
        trials: How many trials the study has already: a fixed seed would draw their parameters again.
        n_jobs: Trials at a time.

    Raises:
        ConfigError: If the option's settings are wrong or something that it needs is not installed.
    """
    settings = {key: value for key, value in node.items() if key != _PARTIAL}
    if settings.get("_target_") == "optuna.samplers.GridSampler":
        return Grid().of(space)
    # A quasi-random sequence goes on by itself, and only under its own seed.
    if isinstance(seed := settings.get("seed"), int) and not str(settings.get("_target_")).endswith("QMCSampler"):
        settings["seed"] = seed + trials
    if n_jobs == 1:
        # Liars lie about trials that still run: here are none, and TPE need not write down for others what it drew.
        settings = {key: False if key == "constant_liar" else value for key, value in settings.items()}
    made = _instantiate(settings, "sampler")
    if isinstance(made, Grid):
        return made.of(space)
    checked: BaseSampler = _checked(made, BaseSampler, "sampler")
    return checked


def pruner(node: Mapping[str, Any] | None, *, objectives: int, within: tuple[str, ...]) -> BasePruner:
    """Makes a pruner that compares trials with the same options.

    Args:
        node: An option of `hydra/sweeper/pruner`; None never prunes.
        objectives: How many the study has.
        within: The groups whose options must be equal.

    Raises:
        ConfigError: If the option's settings are wrong, or if there are several objectives to prune by.
    """
    made = NopPruner() if not node else _checked(_instantiate(dict(node), "pruner"), BasePruner, "pruner")
    if isinstance(made, NopPruner):
        return made
    if objectives > 1:
        raise ConfigError(
            f"A pruner must have one objective to judge by. Received: {objectives} objectives. "
            "Use hydra/sweeper/pruner=none."
        )
    return Alike(made, within)


def executor(node: Mapping[str, Any]) -> Any:
    """Makes an engine from an option of `hydra/sweeper/executor`.

    Raises:
        ConfigError: If the option's settings are wrong.
    """
    return _instantiate(dict(node), "executor")


def _instantiate(settings: dict[str, Any], what: str) -> Any:
    if not settings.get("_target_"):
        raise ConfigError(
            f"`hydra.sweeper.{what}` must have a `_target_`. Received: {settings}. Choose hydra/sweeper/{what}=…."
        )
    targets.check(settings, what, key=f"hydra.sweeper.{what}")
    try:
        with warnings.catch_warnings():
            # Chosen knowingly: multivariate and grouped TPE, quasi-random sampling, patience.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return instantiate(settings, _convert_="all")
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ConfigError):
            raise ConfigError(str(cause)) from error  # itself, it would be the cause of its own cause, without an end
        if isinstance(cause, ValidationError):
            raise ConfigError(explain(cause, f"hydra.sweeper.{what}")) from error
        reason = str(cause or error).splitlines()[0]
        raise ConfigError(f"`hydra.sweeper.{what}` must be usable. Received: {settings} ({reason}).") from error


def _checked(made: Any, wanted: type, what: str) -> Any:
    if not isinstance(made, wanted):
        raise ConfigError(f"`hydra.sweeper.{what}` must become an Optuna {what}. Received: {type(made).__name__}.")
    return made
