"""What a search leaves in its folder: the best parameters, ready to run again, and what pruning saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import optuna
import yaml
from optuna.trial import FrozenTrial, TrialState

from bitjaru.files import write_text
from bitjaru.sweep.study.again import Again
from bitjaru.sweep.study.study import FAILURE, OVERRIDES

RESULTS, BEST = "optimization_results.yaml", "best.yaml"


@dataclass(frozen=True)
class Saved:
    """What pruning saved: an estimate from the complete trials of the same kind.

    Attributes:
        trials: Trials that were pruned.
        epochs: Epochs that they did not run.
        seconds: What these would have taken.
    """

    trials: int
    epochs: int
    seconds: float


def best(study: optuna.Study) -> list[FrozenTrial]:
    """Returns the best trial, or the Pareto front of several objectives; empty while nothing is complete."""
    if not study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        return []
    return study.best_trials if len(study.directions) > 1 else [study.best_trial]


def command(trial: FrozenTrial, again: Again) -> str:
    """Returns a command line that runs a trial's parameters once, outside the search."""
    return again.once(trial.user_attrs.get(OVERRIDES, ()))


def write(study: optuna.Study, folder: Path, again: Again) -> None:
    """Writes `optimization_results.yaml` in the official plugin's form, and `best.yaml` with command lines."""
    front = best(study)
    if not front:
        return
    found: Mapping[str, Any]
    if len(study.directions) == 1:
        found = {"name": "optuna", "best_params": front[0].params, "best_value": front[0].value}
    else:
        solutions = [{"params": trial.params, "values": list(trial.values)} for trial in front]
        found = {"name": "optuna", "solutions": solutions}
    write_text(folder / RESULTS, _yaml(found))
    runnable = [
        {
            "trial": trial.number,
            "values": list(trial.values),
            "overrides": list(trial.user_attrs.get(OVERRIDES, ())),
            "command": command(trial, again),
        }
        for trial in front
    ]
    write_text(folder / BEST, _yaml({"study": study.study_name, "best": runnable}))


def saved_by_pruning(study: optuna.Study, within: Sequence[str]) -> Saved:
    """Estimates what pruning saved.

    A pruned trial would have run as many epochs as complete trials of the same kind (their median), each as
    long as its own epochs were.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    pruned = study.get_trials(deepcopy=False, states=(TrialState.PRUNED,))
    epochs, seconds = 0.0, 0.0
    for trial in pruned:
        alike = [one for one in complete if _kind(one, within) == _kind(trial, within)] or complete
        ran = len(trial.intermediate_values)
        spared = max(0.0, median(len(one.intermediate_values) for one in alike) - ran) if alike else 0.0
        epochs += spared
        seconds += spared * trial.duration.total_seconds() / ran if trial.duration and ran else 0.0
    return Saved(len(pruned), round(epochs), seconds)


def failures(study: optuna.Study) -> dict[str, int]:
    """Counts failed trials by reason."""
    counts: dict[str, int] = {}
    for trial in study.get_trials(deepcopy=False, states=(TrialState.FAIL,)):
        reason = trial.user_attrs.get(FAILURE, {}).get("reason", "other")
        counts[reason] = counts.get(reason, 0) + 1
    return counts


def _kind(trial: FrozenTrial, within: Sequence[str]) -> tuple[Any, ...]:
    return tuple(trial.params.get(group) for group in within)


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)
