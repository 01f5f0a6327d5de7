"""How a search chooses: its sampler, its pruner, and how many trials these make."""

from dataclasses import dataclass

from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler

from bitjaru.errors import ConfigError
from bitjaru.sweep.methods import building
from bitjaru.sweep.methods.samplers import Exhaustive
from bitjaru.sweep.settings import Settings
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.study.study import directions_of


@dataclass(frozen=True)
class Methods:
    """The methods of one search.

    Attributes:
        sampler: Chooses parameters.
        pruner: Ends trials early.
        trials: The total: an exhaustive search may need fewer than it is allowed.
    """

    sampler: BaseSampler
    pruner: BasePruner
    trials: int

    @property
    def exhaustive(self) -> bool:
        """Whether every combination is tried anyway."""
        return isinstance(self.sampler, Exhaustive)

    @classmethod
    def make(cls, settings: Settings, space: Space, *, objectives: int, begun: int) -> "Methods":
        """Makes them.

        Args:
            settings: The keys of `hydra.sweeper`.
            space: What is tried.
            objectives: How many the study has.
            begun: How many trials it has already.

        Raises:
            ConfigError: If a method cannot be used, or there is nothing to try.
        """
        sampler = building.sampler(settings.sampler, space, trials=begun, n_jobs=settings.n_jobs)
        pruner = building.pruner(settings.pruner, objectives=objectives, within=tuple(settings.compare_within))
        if isinstance(sampler, Exhaustive):
            return cls(sampler, pruner, min(settings.n_trials, len(sampler)))
        if not space.knobs:
            raise ConfigError(
                "A search must have something to try. Received: no searched parameter. Write one on the "
                "command line or into hydra.sweeper.params, as 'x=interval(0,1)' or 'x=choice(a,b)', name groups in "
                "hydra.sweeper.spaces, or use hydra/sweeper/sampler=grid to run once."
            )
        return cls(sampler, pruner, settings.n_trials)


def check(settings: Settings) -> None:
    """Makes the sampler and the pruner once, for their mistakes to show before anything is composed.

    Raises:
        ConfigError: If one of them cannot be used.
    """
    objectives = 1 if settings.direction is None else len(directions_of(settings.direction))
    building.sampler(settings.sampler, Space(()), trials=0)
    building.pruner(settings.pruner, objectives=objectives, within=())
