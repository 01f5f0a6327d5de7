"""Several objectives against each other, and the trials that no other beats in all of them."""

from collections.abc import Sequence
from itertools import combinations
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from bitjaru.drawing.figure import VERMILION, figure, panel
from bitjaru.drawing.labels import remark
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.sweep.plots.highlights import REST

WIDE, TALL = 4.7, 3.4  # inches of a panel


def draw(trials: Sequence[FrozenTrial], front: Sequence[FrozenTrial], names: Sequence[str]) -> Figure:
    """Draws a panel for each pair of objectives.

    Args:
        trials: All of the study's.
        front: Those that no other beats.
        names: Of the objectives.
    """
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE and all(map(isfinite, trial.values))]
    pairs = list(combinations(range(len(names)), 2))
    drawn = figure(len(pairs) * (WIDE + 1.0) + 0.2, TALL + 1.0)
    for number, (first, second) in enumerate(pairs):
        place = (0.8 + number * (WIDE + 1.0), 0.55, WIDE, TALL)
        axes = panel(drawn, place, title=f"{names[second]} against {names[first]}")
        _scale(axes, [trial.values[first] for trial in done], [trial.values[second] for trial in done])
        for its, size, colour in ((done, 14, REST), (front, 26, VERMILION)):
            across, up = [trial.values[first] for trial in its], [trial.values[second] for trial in its]
            axes.scatter(across, up, s=size, c=colour, linewidths=0, clip_on=False)
        rule_x(axes, steps(*axes.get_xlim()), label=names[first])
        rule_y(axes, steps(*axes.get_ylim()))
        remark(axes, f"{len(done):,} trials; red: the {len(front):,} that none beats")
    return drawn


def _scale(axes: Axes, across: Sequence[float], up: Sequence[float]) -> None:
    for values, limit in ((across, axes.set_xlim), (up, axes.set_ylim)):
        margin = 0.05 * (max(values) - min(values)) or 0.01 * max(abs(values[0]), 0.01)
        limit(min(values) - margin, max(values) + margin)
