"""A storage whose only writer is this process: what it wrote it need not read again."""

import copy
import json
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from bitjaru.sweep.storage.whole_trials import another_writer

FINISHED = tuple(state for state in TrialState if state.is_finished())


def guard(storage: BaseStorage, check: Callable[[], None]) -> None:
    """Has something asked before each write, which raises where this process may not write any more."""
    if isinstance(storage, _Owned):
        storage.check = check


def write_down(storage: BaseStorage) -> None:
    """Writes the new trials, which so far are known to this process alone: they are about to run."""
    if isinstance(storage, _Owned):
        storage.write_down()


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

    A new trial is written down as a whole, once it has been drawn: that is one transaction instead of one for each
    parameter. Until then it has an id of its own, below zero, which it keeps here; a search that dies meanwhile has
    lost nothing, for nobody ran it.
    """

    _behind: BaseStorage
    _studies: dict[int, dict[int, FrozenTrial]] = field(default_factory=dict)
    _study_of: dict[int, int] = field(default_factory=dict)
    _written: dict[int, int] = field(default_factory=dict)  # the database's id of a trial that was new here
    _new: set[int] = field(default_factory=set)
    _unfinished: set[int] = field(default_factory=set)
    check: Callable[[], None] = field(default=lambda: None)

    def __getattr__(self, name: str) -> Any:
        if name == "_behind":  # a copy in the making has nothing behind it yet
            raise AttributeError(name)
        return getattr(self._behind, name)

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        known = self._known(study_id)
        if states is None:
            trials = list(known.values())
        elif any(state in states for state in FINISHED):
            trials = [one for one in known.values() if one.state in states]
        else:  # Optuna asks at each step for what waits, which are few of many
            asked = (known[trial_id] for trial_id in self._unfinished if trial_id in known)
            trials = sorted((one for one in asked if one.state in states), key=lambda one: one.number)
        return copy.deepcopy(trials) if deepcopy else trials

    def get_trial(self, trial_id: int) -> FrozenTrial:
        if trial_id not in self._study_of:
            return self._behind.get_trial(trial_id)
        return self._studies[self._study_of[trial_id]][trial_id]

    def get_trial_number_from_id(self, trial_id: int) -> int:
        return self.get_trial(trial_id).number

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        known = self._known(study_id)
        if template_trial is not None:
            self.check()
            trial_id = self._behind.create_new_trial(study_id, template_trial)
            self._keep(study_id, self._behind.get_trial(trial_id))
            return trial_id
        trial = create_trial(state=TrialState.RUNNING)
        trial.number, trial._trial_id = len(known), -1 - len(self._written) - len(self._new)
        self._new.add(trial._trial_id)
        self._keep(study_id, trial)
        return trial._trial_id

    def write_down(self) -> None:
        """Writes the new trials."""
        for trial_id in sorted(self._new, reverse=True):
            self._behind_id(trial_id)

    def delete_study(self, study_id: int) -> None:
        self._behind.delete_study(study_id)
        for trial_id in self._studies.pop(study_id, {}):  # a database gives the numbers out again
            del self._study_of[trial_id]
            self._unfinished.discard(trial_id)

    def set_trial_param(
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        if self._is_there(trial_id):
            there = self._behind_id(trial_id)
            self._behind.set_trial_param(there, param_name, param_value_internal, distribution)
        trial = self._changing(trial_id)
        trial.params = {**trial.params, param_name: distribution.to_external_repr(param_value_internal)}
        trial.distributions = {**trial.distributions, param_name: distribution}

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Any = None) -> bool:
        if not self._behind.set_trial_state_values(self._behind_id(trial_id), state, values):
            return False
        trial = self._changing(trial_id)
        trial.state = state
        if values is not None:
            trial.values = list(values)
        if state == TrialState.RUNNING:
            trial.datetime_start = datetime.now()  # noqa: DTZ005 - Optuna's times are local
        if state.is_finished():
            self._unfinished.discard(trial_id)
            trial.datetime_complete = datetime.now()  # noqa: DTZ005
        return True

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:
        self._behind.set_trial_intermediate_value(self._behind_id(trial_id), step, intermediate_value)
        trial = self._changing(trial_id)
        trial.intermediate_values = {**trial.intermediate_values, step: intermediate_value}

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        if self._is_there(trial_id):
            self._behind.set_trial_user_attr(self._behind_id(trial_id), key, value)
        trial = self._changing(trial_id)
        trial.user_attrs = {**trial.user_attrs, key: _stored(value)}

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        if self._is_there(trial_id):
            self._behind.set_trial_system_attr(self._behind_id(trial_id), key, value)
        trial = self._changing(trial_id)
        trial.system_attrs = {**trial.system_attrs, key: _stored(value)}

    def _is_there(self, trial_id: int) -> bool:
        return trial_id not in self._new

    def _behind_id(self, trial_id: int) -> int:
        """Returns the database's id of a trial, which is written down if it is new; a write follows."""
        self.check()
        if trial_id in self._new:
            study_id = self._study_of[trial_id]
            trial = self._studies[study_id][trial_id]
            self._written[trial_id] = self._behind.create_new_trial(study_id, trial)
            self._check_number(study_id, trial.number, self._written[trial_id])
            self._new.remove(trial_id)
        return self._written.get(trial_id, trial_id)

    def _check_number(self, study_id: int, number: int, trial_id: int) -> None:
        """Raises where the database gave the trial another number; Optuna, which has just made it, answers unread."""
        try:
            found = self._behind.get_trial_id_from_study_id_trial_number(study_id, number)
        except KeyError:
            found = None
        if found != trial_id:
            raise another_writer(self._behind.get_trial_number_from_id(trial_id), number)

    def _known(self, study_id: int) -> dict[int, FrozenTrial]:
        if study_id not in self._studies:
            self._studies[study_id] = {}
            for trial in self._behind.get_all_trials(study_id):
                self._keep(study_id, trial)
        return self._studies[study_id]

    def _keep(self, study_id: int, trial: FrozenTrial) -> None:
        self._study_of[trial._trial_id] = study_id
        self._studies[study_id][trial._trial_id] = trial
        if not trial.state.is_finished():
            self._unfinished.add(trial._trial_id)

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
