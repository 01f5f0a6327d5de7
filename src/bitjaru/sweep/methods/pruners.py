"""Pruning that compares like with like."""

import copy
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial

from bitjaru.sweep.methods.some_trials import States, with_some


class Alike(BasePruner):
    """Lets another pruner see only trials with the same options as the one it judges.

    An average learns most of what it will ever know in one epoch, a stacked LSTM little: the first
    epochs of one architecture are no yardstick for another's.

    Attributes:
        groups: The parameters that must be equal, for example `("architecture",)`.
    """

    def __init__(self, pruner: BasePruner, groups: tuple[str, ...]) -> None:
        self._pruner, self.groups = pruner, groups
        self._pruner_of: dict[tuple[Any, ...], BasePruner] = {}

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Asks the pruner that has seen only trials like this one."""
        kind = self.kind(trial)
        # Hyperband fixes its brackets at first use: each kind of trial needs its own.
        pruner = self._pruner_of.setdefault(kind, copy.deepcopy(self._pruner))

        def alike(states: States) -> list[FrozenTrial]:
            trials = study._storage.get_all_trials(study._study_id, deepcopy=False, states=states)
            return [one for one in trials if self.kind(one) == kind]

        seen = with_some(study, alike)
        seen.pruner = pruner
        return pruner.prune(seen, trial)

    def kind(self, trial: FrozenTrial) -> tuple[Any, ...]:
        """Returns the options of a trial."""
        return tuple(trial.params.get(group) for group in self.groups)


def patient(*, patience: int, min_delta: float) -> BasePruner:
    """Prunes a trial whose objective has not grown better for `patience` epochs, whatever others do."""
    return optuna.pruners.PatientPruner(None, patience=patience, min_delta=min_delta)
