"""How good models are against how long they take to answer: what an ensemble costs."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from bitjaru.drawing.figure import COLOURS, DOTTED, INK, SMALL, SOFT, figure, inches, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import LEAD, LINE, width
from bitjaru.drawing.rules import rule_x, rule_y, steps, tens

MARKERS = "osD"
PLACE = (0.65, 0.55, 4.7, 3.4)


def against_milliseconds(points: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Draws kinds of models in colours and shapes of their own; milliseconds on a log scale.

    Args:
        points: By kind, milliseconds a review and accuracy of each model; the second kind is joined by a dotted line.
    """
    every = [point for its in points.values() for point in its]
    drawn = figure(sum(PLACE[::2]) + LEAD + max(map(width, points)) + 0.3, 4.4)
    axes = panel(drawn, PLACE, title="confirmed accuracy against milliseconds a review")
    values = [value for _, value in every]
    margin = 0.06 * (max(values) - min(values)) or 0.01
    axes.set_xscale("log")
    axes.set_axis_off()  # a new scale turns Matplotlib's own ticks on again
    axes.set_xlim(min(time for time, _ in every) / 1.25, max(time for time, _ in every) * 1.25)
    axes.set_ylim(min(values) - margin, max(values) + margin)
    rule_x(axes, tens(*axes.get_xlim()), label="milliseconds a review")
    rule_y(axes, steps(min(values) - margin, max(values) + margin))
    wide, tall = inches(axes)
    for number, (name, its) in enumerate(points.items()):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        times, figures = zip(*its, strict=True)
        if number == 1:
            axes.plot(times, figures, color=SOFT, linestyle=DOTTED, linewidth=1.2, zorder=1)
        axes.scatter(times, figures, s=20 + 20 * number, c=colour, marker=marker, alpha=0.8, zorder=2 + number)
        down = 1 - (number + 0.5) * 1.3 * LINE / tall
        axes.scatter(1 + 0.18 / wide, down, s=36, c=colour, marker=marker, transform=axes.transAxes, clip_on=False)
        at = (1 + LEAD / wide, down)
        axes.text(*at, name, color=INK, transform=axes.transAxes, va="center", fontproperties=font(SMALL))
    return drawn
