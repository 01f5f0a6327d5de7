"""Whether a study says of its trials what their folders say: a digit that changed in a database looks like another."""

from pathlib import Path

import optuna
from optuna.trial import TrialState

from bitjaru.errors import TrackingError
from bitjaru.sweep.execution.worker import saved_result


def check(study: optuna.Study, folder: Path) -> None:
    """Compares the values of trials that have ended with the results that their workers kept.

    Args:
        study: One that goes on.
        folder: Of the search; a trial without a result there counts as right.

    Raises:
        TrackingError: If they differ.
    """
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        kept = saved_result(folder / str(trial.number))
        if kept is not None and not kept.pruned and list(kept.values) != list(trial.values):
            raise TrackingError(
                f"A study must say of a trial what its folder says. Received: trial {trial.number} of "
                f"{study.study_name} with {trial.values}, and {list(kept.values)} in {folder / str(trial.number)}: one "
                "of them was damaged or changed. Restore a copy of the study's database, or begin anew with another "
                "hydra.sweeper.study_name."
            )
