"""Samplers that Optuna lacks, or that need something first."""

import importlib.util
from collections.abc import Iterator
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial

from bitjaru.errors import ConfigError
from bitjaru.sweep.space.space import Space


class Exhaustive(BaseSampler):
    """Tries every combination once, in the order in which it was written, the last knob changing fastest.

    The trial's number alone says which combination it is, so an exhaustive search can be broken off and
    taken up at will. (Optuna's BruteForceSampler draws at random and ends by raising from `tell`.)
    """

    def __init__(self, space: Space) -> None:
        self._rest: Iterator[dict[str, Any]] = space.grid()
        self._drawn: list[dict[str, Any]] = []
        self._space = space

    def __len__(self) -> int:
        return sum(1 for _ in self._space.grid())

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:  # noqa: ARG002
        """Has none: the number decides."""
        return {}

    def sample_relative(
        self,
        study: optuna.Study,  # noqa: ARG002
        trial: FrozenTrial,  # noqa: ARG002
        search_space: dict[str, BaseDistribution],  # noqa: ARG002
    ) -> dict[str, Any]:
        """Has none: the number decides."""
        return {}

    def sample_independent(
        self,
        study: optuna.Study,  # noqa: ARG002
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,  # noqa: ARG002
    ) -> Any:
        """Returns the knob's value in the combination of this number."""
        while len(self._drawn) <= trial.number:
            self._drawn.append(next(self._rest))
        return self._drawn[trial.number][param_name]


class Grid:
    """What `sampler=grid` becomes until the space is known."""

    def __init__(self, seed: int | None = None) -> None:
        del seed  # Nothing is drawn.

    def of(self, space: Space) -> Exhaustive:
        """Returns the sampler of a space."""
        return Exhaustive(space)


def gp(**options: Any) -> BaseSampler:
    """Makes Optuna's Gaussian-process sampler.

    Raises:
        ConfigError: If PyTorch, which it needs, is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise ConfigError(
            "The sampler gp must have PyTorch. Received: an environment without it. "
            "Run `pip install 'bitjaru[gp]'`, or use hydra/sweeper/sampler=tpe."
        )
    return optuna.samplers.GPSampler(**options)


def cmaes(**options: Any) -> BaseSampler:
    """Makes Optuna's CMA-ES sampler.

    Raises:
        ConfigError: If the package cmaes, which it needs, is not installed.
    """
    if importlib.util.find_spec("cmaes") is None:
        raise ConfigError(
            "The sampler cmaes must have the package cmaes. Received: an environment without it. "
            "Run `pip install 'bitjaru[cmaes]'`, or use hydra/sweeper/sampler=tpe."
        )
    return optuna.samplers.CmaEsSampler(**options)
