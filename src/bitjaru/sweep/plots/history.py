"""How the search went: the value of every trial, and the best so far."""

from collections.abc import Sequence
from itertools import accumulate

from matplotlib.figure import Figure
from optuna.trial import FrozenTrial

from bitjaru.drawing.figure import BLUE, VERMILION, figure, panel
from bitjaru.drawing.labels import remark
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.sweep.plots.highlights import complete


def draw(trials: Sequence[FrozenTrial], sign: int) -> Figure:
    """Draws complete trials as points, and the best so far as steps.

    Args:
        trials: All of the study's.
        sign: 1 where more is better, -1 where less is.
    """
    done = complete(trials)
    numbers, values = [trial.number for trial in done], [trial.values[0] for trial in done]
    best = list(accumulate(values, max if sign > 0 else min))
    drawn = figure(8.2, 4.4)
    axes = panel(drawn, (0.9, 0.55, 7.1, 3.4), title="value of each trial, and the best so far")
    last = max(trial.number for trial in trials)
    margin = 0.05 * (max(values) - min(values)) or 0.01 * max(abs(values[0]), 0.01)
    low, high = min(values) - margin, max(values) + margin
    axes.set_xlim(-0.02 * max(last, 1), 1.02 * max(last, 1))
    axes.set_ylim(low, high)
    axes.scatter(numbers, values, s=22 if len(done) <= 100 else 9, c=BLUE, alpha=0.6, linewidths=0)
    axes.step([*numbers, last], [*best, best[-1]], where="post", color=VERMILION, linewidth=1.6)
    rule_x(axes, steps(0, max(last, 1), whole=True), label="trial")
    rule_y(axes, steps(low, high))
    champion = done[values.index(best[-1])]
    remark(axes, f"{len(done):,} complete of {len(trials):,}; best {best[-1]:.6g} in trial {champion.number}")
    return drawn
