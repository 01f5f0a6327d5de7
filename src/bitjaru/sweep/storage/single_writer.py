"""A storage whose only writer is this process: what it wrote it need not read again."""

import copy
import json
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState


def guard(storage: BaseStorage, check: Callable[[], None]) -> None:
    """Has something asked before each write, which raises where this process may not write any more."""
    if isinstance(storage, _Owned):
        storage.check = check


def owned(storage: BaseStorage) -> BaseStorage:
    """Returns a storage that reads the trials of a study once, and then keeps them in step with what it writes.

    Optuna reads every unfinished trial from the database anew at each step, and asks some ten times a trial. Nobody
    else may write trials meanwhile, which `storage.ownership` sees to; a dashboard's notes are seen at the next start.
    """
    return cast("BaseStorage", _Owned(storage))


@dataclass
class _Owned:
    """Fits `BaseStorage`: what is not here is asked of the storage behind.

    A change makes a new trial, as in Optuna's storage in memory: what was handed out may be in somebody's hands.
    """

    _behind: BaseStorage
    _studies: dict[int, dict[int, FrozenTrial]] = field(default_factory=dict)
    _study_of: dict[int, int] = field(default_factory=dict)
    check: Callable[[], None] = field(default=lambda: None)

    def __getattr__(self, name: str) -> Any:
        if name == "_behind":  # a copy in the making has nothing behind it yet
            raise AttributeError(name)
        return getattr(self._behind, name)

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        known = self._known(study_id)
        trials = list(known.values()) if states is None else [one for one in known.values() if one.state in states]
        return copy.deepcopy(trials) if deepcopy else trials

    def get_trial(self, trial_id: int) -> FrozenTrial:
        if trial_id not in self._study_of:
            return self._behind.get_trial(trial_id)
        return self._studies[self._study_of[trial_id]][trial_id]

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        self.check()
        self._known(study_id)
        trial_id = self._behind.create_new_trial(study_id, template_trial)
        self._keep(study_id, self._behind.get_trial(trial_id))
        return trial_id

    def delete_study(self, study_id: int) -> None:
        self._behind.delete_study(study_id)
        for trial_id in self._studies.pop(study_id, {}):  # a database gives the numbers out again
            del self._study_of[trial_id]

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        self.check()
        self._behind.set_trial_param(trial_id, param_name, param_value_internal, distribution)
        trial = self._changing(trial_id)
        trial.params = {**trial.params, param_name: distribution.to_external_repr(param_value_internal)}
        trial.distributions = {**trial.distributions, param_name: distribution}

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Any = None) -> bool:
        self.check()
        if not self._behind.set_trial_state_values(trial_id, state, values):
            return False
        trial = self._changing(trial_id)
        trial.state = state
        if values is not None:
            trial.values = list(values)
        if state == TrialState.RUNNING:
            trial.datetime_start = datetime.now()  # noqa: DTZ005 - Optuna's times are local
        if state.is_finished():
            trial.datetime_complete = datetime.now()  # noqa: DTZ005
        return True

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:
        self.check()
        self._behind.set_trial_intermediate_value(trial_id, step, intermediate_value)
        trial = self._changing(trial_id)
        trial.intermediate_values = {**trial.intermediate_values, step: intermediate_value}

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        self.check()
        self._behind.set_trial_user_attr(trial_id, key, value)
        trial = self._changing(trial_id)
        trial.user_attrs = {**trial.user_attrs, key: _stored(value)}

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        self.check()
        self._behind.set_trial_system_attr(trial_id, key, value)
        trial = self._changing(trial_id)
        trial.system_attrs = {**trial.system_attrs, key: _stored(value)}

    def _known(self, study_id: int) -> dict[int, FrozenTrial]:
        if study_id not in self._studies:
            self._studies[study_id] = {}
            for trial in self._behind.get_all_trials(study_id):
                self._keep(study_id, trial)
        return self._studies[study_id]

    def _keep(self, study_id: int, trial: FrozenTrial) -> None:
        self._study_of[trial._trial_id] = study_id
        self._studies[study_id][trial._trial_id] = trial

    def _changing(self, trial_id: int) -> FrozenTrial:
        """Returns a copy that has taken the place of a trial, to be changed."""
        study_id = self._study_of.get(trial_id)
        if study_id is None:
            return self._behind.get_trial(trial_id)
        trial = copy.copy(self._studies[study_id][trial_id])
        self._studies[study_id][trial_id] = trial
        return trial


def _stored(value: Any) -> Any:
    """Returns what comes back from a database."""
    return json.loads(json.dumps(value))
