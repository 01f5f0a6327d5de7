"""A study in which only some of its trials exist: samplers and pruners ask the storage past their study."""

import copy
from collections.abc import Callable, Container
from typing import Any, cast

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

States = Container[TrialState] | None
Choose = Callable[[States], list[FrozenTrial]]


def with_some(study: optuna.Study, choose: Choose) -> optuna.Study:
    """Returns the same study, seen in part; nothing is asked of its storage for that.

    Args:
        study: All of it. Whatever is written goes there.
        choose: Returns the trials that exist, of these states (None is any), in order of number.
    """
    seen = copy.copy(study)
    seen._storage = cast("BaseStorage", _Some(study._storage, choose))
    return seen


class _Some:
    """Fits `BaseStorage`."""

    def __init__(self, storage: BaseStorage, choose: Choose) -> None:
        self._storage, self._choose = storage, choose

    def get_all_trials(self, study_id: int, deepcopy: bool = True, states: States = None) -> list[FrozenTrial]:
        del study_id  # a study asks for its own
        trials = self._choose(states)
        return copy.deepcopy(trials) if deepcopy else trials

    def __getattr__(self, name: str) -> Any:
        if name == "_storage":  # a copy in the making has nothing behind it yet
            raise AttributeError(name)
        return getattr(self._storage, name)
