"""What every trial told after each epoch."""

from collections.abc import Sequence
from math import isfinite

from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from bitjaru.drawing import far_out
from bitjaru.drawing.figure import ORANGE, figure, panel
from bitjaru.drawing.labels import remark
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.sweep.plots.highlights import REMARK, Layer, complete, layers

Line = list[tuple[float, float]]


def draw(trials: Sequence[FrozenTrial], sign: int) -> Figure:
    """Draws a line a trial: pruned ones as far as they came, the best tenth on top. What is far out is cut.

    Args:
        trials: All of the study's.
        sign: 1 where more is better, -1 where less is.
    """
    pruned = [trial for trial in trials if trial.state == TrialState.PRUNED]
    _, *top = every = layers(complete(trials), sign)
    every = [every[0], Layer(pruned, ORANGE, 0.8, max(0.5, every[0].alpha)), *top]
    lines = [line for layer in every for trial in layer.trials if (line := _line(trial))]
    last = max(epoch for line in lines for epoch, _ in line)
    low, high, cut = _window(lines, sign)
    drawn = figure(8.2, 4.4)
    axes = panel(drawn, (0.9, 0.55, 7.1, 3.4), title="value after each epoch")
    axes.set_xlim(1 - 0.02 * last, last + 0.02 * last)
    axes.set_ylim(low, high)
    for layer in every:
        its = [_line(trial) for trial in layer.trials]
        axes.add_collection(layer.collection(its), autolim=False).set_clip_on(True)
        ends = [line[-1] for line in its if line]  # a trial of one epoch is no line yet
        axes.scatter([epoch for epoch, _ in ends], [value for _, value in ends], s=6, color=layer.colour, linewidths=0)
    rule_x(axes, steps(1, last, whole=True) or [(1, "1")], label="epoch")
    rule_y(axes, steps(low, high))
    remark(axes, f"{sum(len(layer.trials) for layer in every):,} trials; {REMARK}; orange: pruned{far_out.told(cut)}")
    return drawn


def _window(lines: Sequence[Line], sign: int) -> tuple[float, float, int]:
    """Returns where the picture ends below and above, and how many lines leave it."""
    values = [value for line in lines for _, value in line]
    limit = far_out.fence(values, sign)
    near = [value for value in values if not far_out.beyond(value, limit, sign)]
    low, high = min(near), max(near)
    margin = 0.05 * (high - low) or 0.01
    cut = sum(any(not low <= value <= high for _, value in line) for line in lines)
    return low - margin, high + margin, cut


def _line(trial: FrozenTrial) -> Line:
    return [(epoch, value) for epoch, value in sorted(trial.intermediate_values.items()) if isfinite(value)]
