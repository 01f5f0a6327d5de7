"""Pruning that compares like with like."""

import copy
from collections.abc import Container
from typing import Any, cast

import optuna
from optuna.pruners import BasePruner
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState


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
        storage = cast("BaseStorage", _OfOneKind(study._storage, self, kind))
        return pruner.prune(optuna.Study(study.study_name, storage, study.sampler, pruner), trial)

    def kind(self, trial: FrozenTrial) -> tuple[Any, ...]:
        """Returns the options of a trial."""
        return tuple(trial.params.get(group) for group in self.groups)


class _OfOneKind:
    """A storage in which only the trials of one kind exist: Hyperband asks the storage past its study."""

    def __init__(self, storage: BaseStorage, pruner: Alike, kind: tuple[Any, ...]) -> None:
        self._storage, self._alike, self._kind = storage, pruner, kind

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        trials = self._storage.get_all_trials(study_id, deepcopy, states)
        return [trial for trial in trials if self._alike.kind(trial) == self._kind]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


def patient(*, patience: int, min_delta: float) -> BasePruner:
    """Prunes a trial whose objective has not grown better for `patience` epochs, whatever others do."""
    return optuna.pruners.PatientPruner(None, patience=patience, min_delta=min_delta)
