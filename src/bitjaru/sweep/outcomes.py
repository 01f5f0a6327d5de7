"""How a trial's outcome gets into its study."""

import math

import optuna
from optuna.trial import TrialState

from bitjaru.sweep.execution.failures import NOT_A_NUMBER, OTHER, Failure
from bitjaru.sweep.execution.jobs import Job, Result
from bitjaru.sweep.execution.platform import Ended
from bitjaru.sweep.study.study import FAILURE, NOTES


def tell(study: optuna.Study, trial: optuna.Trial, job: Job, outcome: Result | Failure, seconds: float) -> Ended:
    """Ends a trial in its study.

    Args:
        study: Of the trial.
        trial: As it runs.
        job: What was run, in its last attempt.
        outcome: What came of it; values that are no numbers, or too few, count as a failure.
        seconds: That the last attempt took.
    """
    outcome = _checked(outcome, len(study.directions))
    if isinstance(outcome, Failure):
        trial.set_user_attr(FAILURE, {"reason": outcome.reason, "message": outcome.message})
        state = TrialState.FAIL
    else:
        state = TrialState.PRUNED if outcome.pruned else TrialState.COMPLETE
    values = () if isinstance(outcome, Failure) else outcome.values
    study.tell(trial, values if state == TrialState.COMPLETE else None, state=state)
    return Ended(
        job=job,
        state=state.name,
        values=values,
        failure=outcome if isinstance(outcome, Failure) else None,
        notes=trial.user_attrs.get(NOTES, {}),
        seconds=seconds,
    )


def failures(study: optuna.Study) -> list[Failure]:
    """Returns why trials failed, in order of number."""
    told = (trial.user_attrs.get(FAILURE, {}) for trial in study.get_trials(deepcopy=False, states=(TrialState.FAIL,)))
    return [Failure(one.get("reason", OTHER), one.get("message", "nobody said why")) for one in told]


def _checked(outcome: Result | Failure, objectives: int) -> Result | Failure:
    if isinstance(outcome, Failure) or outcome.pruned:
        return outcome
    if len(outcome.values) != objectives:
        return Failure(OTHER, f"A trial must return {objectives} values. Received: {len(outcome.values)}.")
    if any(math.isnan(value) for value in outcome.values):
        return Failure(NOT_A_NUMBER, f"A trial's values must be numbers. Received: {outcome.values}.")
    return outcome
