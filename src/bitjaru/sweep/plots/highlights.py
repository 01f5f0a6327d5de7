"""Which trials a picture of many lets stand out: the best one, and the best tenth."""

from collections.abc import Sequence
from math import ceil, isfinite
from typing import NamedTuple

from matplotlib.collections import LineCollection
from optuna.trial import FrozenTrial, TrialState

from bitjaru.drawing.figure import BLUE, VERMILION

SHARE = 0.1
REST = "#B5B5B5"
REMARK = "red: the best; blue: the best tenth"


class Layer(NamedTuple):
    """Trials that are drawn alike; a later layer covers an earlier one."""

    trials: Sequence[FrozenTrial]
    colour: str
    thick: float
    alpha: float

    def collection(self, lines: Sequence[Sequence[tuple[float, float]]]) -> LineCollection:
        """Returns lines that look like this layer."""
        return LineCollection(lines, colors=self.colour, linewidths=self.thick, alpha=self.alpha, clip_on=False)


def complete(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Returns the trials with one value, and a finite one."""
    return [trial for trial in trials if trial.state == TrialState.COMPLETE and isfinite(trial.values[0])]


def layers(trials: Sequence[FrozenTrial], sign: int) -> list[Layer]:
    """Sorts complete trials by how they are drawn.

    Args:
        trials: From `complete`.
        sign: 1 where more is better, -1 where less is.
    """
    order = sorted(trials, key=lambda trial: sign * trial.values[0])
    first = len(order) - max(1, ceil(SHARE * len(order)))
    faint = 0.9 if len(order) <= 50 else 0.35
    return [
        Layer(order[:first], REST, 0.8, faint),
        Layer(order[first:-1], BLUE, 0.9, max(faint, 0.5)),
        Layer(order[-1:], VERMILION, 2.0, 1.0),
    ]
