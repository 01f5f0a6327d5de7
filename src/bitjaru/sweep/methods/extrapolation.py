"""Pruning by where a learning curve is going, not by where it is."""

import math
from collections.abc import Sequence
from statistics import median

import optuna
from optuna.pruners import BasePruner
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState


class ExtrapolationPruner(BasePruner):
    """Ends a trial that would not be good enough even if it went on improving as fast as it just did.

    A small learning rate begins low and ends high: next to larger ones it is behind at every early epoch, and
    pruners that compare the same epoch end it, the best one with the others. This one asks what a trial can still
    become. Its best value so far, and what its last epoch added to it once more for every epoch that is left, must
    not be worse than the median of the best values of trials that ran to their end. Learning curves bend down, so the
    straight line is generous, and to slow starters most of all. A trial that no longer improves is judged by its best
    value alone. (Extrapolated learning curves as a reason to stop: Domhan, Springenberg, Hutter 2015, who fit
    parametric curves; https://www.ijcai.org/Proceedings/15/Papers/487.pdf.)

    Attributes:
        n_startup_trials: So many trials must have run to their end before any is pruned.
        n_warmup_steps: So many epochs a trial may always run; a slope needs two.
    """

    def __init__(self, *, n_startup_trials: int = 1, n_warmup_steps: int = 2) -> None:
        """Keeps the settings.

        Raises:
            ValueError: If one of them is out of its range.
        """
        if n_startup_trials < 1 or n_warmup_steps < 2:
            raise ValueError(
                "n_startup_trials must be at least 1 and n_warmup_steps at least 2. "
                f"Received: {n_startup_trials} and {n_warmup_steps}."
            )
        self.n_startup_trials, self.n_warmup_steps = n_startup_trials, n_warmup_steps

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Says whether the trial should end here."""
        values = _learning_curve(trial, study.direction)
        if len(values) < self.n_warmup_steps:
            return False
        finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        curves = [curve for one in finished if (curve := _learning_curve(one, study.direction))]
        if len(curves) < self.n_startup_trials:
            return False
        enough = median(max(curve) for curve in curves)
        return within_reach(values, max(len(curve) for curve in curves)) < enough


def within_reach(values: Sequence[float], epochs: int) -> float:
    """Extrapolates the best value of a learning curve.

    Args:
        values: One for each epoch so far, at least two; more is better.
        epochs: How many there would be in all.

    Returns:
        The best value, and for every epoch that is left as much more as the last one added to it.
    """
    best, before = max(values), max(values[:-1])
    return best + (best - before) * max(0, epochs - len(values))


def _learning_curve(trial: FrozenTrial, direction: StudyDirection) -> list[float]:
    """Returns what a trial reported, in order, so that more is better; values that are no numbers are left out."""
    sign = 1.0 if direction == StudyDirection.MAXIMIZE else -1.0
    reported = (value for _, value in sorted(trial.intermediate_values.items()))
    return [sign * value for value in reported if not math.isnan(value)]
