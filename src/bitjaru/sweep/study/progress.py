"""How far a study has come."""

import optuna
from optuna.storages import BaseStorage
from optuna.trial import TrialState

ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
UNDECIDED = (TrialState.RUNNING, TrialState.WAITING)


def begun(name: str, storage: BaseStorage) -> int:
    """Counts the trials of a study; none, if there is no such study."""
    return _count(name, storage, None)


def ended(name: str, storage: BaseStorage) -> int:
    """Counts the trials of a study that have ended; none, if there is no such study."""
    return _count(name, storage, ENDED)


def decided(study: optuna.Study) -> int:
    """Counts the trials that have ended."""
    return len(study.get_trials(deepcopy=False, states=ENDED))


def left(study: optuna.Study, trials: int) -> int:
    """Counts what is left to run of so many trials, those that were broken off or wait in the study included."""
    waiting = len(study.get_trials(deepcopy=False, states=UNDECIDED))
    return max(trials - len(study.get_trials(deepcopy=False)), 0) + waiting


def _count(name: str, storage: BaseStorage, states: tuple[TrialState, ...] | None) -> int:
    if name not in optuna.get_all_study_names(storage):
        return 0
    return storage.get_n_trials(storage.get_study_id_from_name(name), states)
