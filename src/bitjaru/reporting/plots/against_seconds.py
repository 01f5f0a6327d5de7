"""How good many runs became against how long they trained: the picture to choose an architecture by."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitjaru.drawing.figure import COLOURS, DOTTED, INK, SMALL, SOFT, figure, inches, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import LEAD, LINE, remark, width
from bitjaru.drawing.rules import rule_x, rule_y, steps, tens
from bitjaru.outcome import Outcome
from bitjaru.reporting.wording import MISSING, decimals, duration
from bitjaru.tasks import Direction

MARKERS = "osD^vPX<>h"
PLACE = (0.65, 0.55, 4.7, 3.4)


class Point(NamedTuple):
    """One run: seconds of training, all epochs together, and its validation objective."""

    seconds: float
    value: float


def against_seconds(outcomes: Sequence[Outcome], *, objective: str, direction: Direction) -> Figure:
    """Draws each finished run as a point, in colour and shape of its architecture; seconds on a log scale.

    A dotted line joins the runs that no other beats in both. Runs without a validation part, or that did not finish,
    are left out: where training stopped half-way, its seconds say nothing.

    Args:
        outcomes: Any runs.
        objective: Name of the value, `accuracy` or `loss`.
        direction: Which values of it are best.
    """
    points = _points(outcomes)
    sign = 1 if direction == "maximize" else -1
    best = {name: max(its, key=lambda point: (sign * point.value, -point.seconds)) for name, its in points.items()}
    order = sorted(points, key=lambda name: -sign * best[name].value)
    names = [f"{decimals(best[name].value)}  {name}, {duration(best[name].seconds)}" for name in order]
    drawn = figure(sum(PLACE[::2]) + LEAD + max(map(width, names), default=0.0) + 0.15, 4.4)
    axes = panel(drawn, PLACE, title=f"valid {objective} against training time")
    every = [point for its in points.values() for point in its]
    _scale(axes, every)
    _front(axes, every, sign)
    for number, (name, text) in enumerate(zip(order, names, strict=True)):
        _draw(axes, points[name], number, text, best[name])
    remark(axes, f"{len(every):,} {'run' if len(every) == 1 else 'runs'}, named by the best of each")
    return drawn


def _points(outcomes: Sequence[Outcome]) -> Mapping[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for run in outcomes:
        epochs = max(map(len, run.history.values()), default=1)
        if run.status != "FINISHED" or run.objective is None or not run.epoch_seconds or not isfinite(run.objective):
            continue
        point = Point(run.epoch_seconds * epochs, run.objective)
        found.setdefault(run.choices.get("architecture", MISSING), []).append(point)
    return found


def _scale(axes: Axes, points: Sequence[Point]) -> None:
    times = [point.seconds for point in points] or [1.0]
    values = [point.value for point in points] or [0.0, 1.0]
    margin = 0.06 * (max(values) - min(values)) or 0.01
    low, high = min(values) - margin, max(values) + margin
    axes.set_xscale("log")
    axes.set_axis_off()  # a new scale turns Matplotlib's own ticks on again
    axes.set_xlim(min(times) / 1.25, max(times) * 1.25)
    axes.set_ylim(low, high)
    rule_x(axes, tens(*axes.get_xlim()), label="seconds of training")
    rule_y(axes, steps(low, high))


def _front(axes: Axes, points: Sequence[Point], sign: int) -> None:
    """Joins the runs that are better than all that took no longer."""
    front: list[Point] = []
    for point in sorted(points, key=lambda point: (point.seconds, -sign * point.value)):
        if not front or sign * point.value > sign * front[-1].value:
            front.append(point)
    times, values = [point.seconds for point in front], [point.value for point in front]
    axes.plot(times, values, color=SOFT, linestyle=DOTTED, linewidth=1.2, zorder=1)


def _draw(axes: Axes, points: Sequence[Point], number: int, name: str, best: Point) -> None:
    """Draws the runs of one architecture, the best one large, and its name to the right."""
    colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
    wide, tall = inches(axes)
    down = 1 - (number + 0.5) * 1.3 * LINE / tall
    seconds, values = zip(*points, strict=True)
    axes.scatter(seconds, values, s=16, c=colour, marker=marker, alpha=0.6, zorder=2)
    axes.scatter(best.seconds, best.value, s=64, c=colour, marker=marker, edgecolors="white", zorder=3)
    axes.scatter(1 + 0.18 / wide, down, s=36, c=colour, marker=marker, transform=axes.transAxes, clip_on=False)
    at = (1 + LEAD / wide, down)
    axes.text(*at, name, color=INK, transform=axes.transAxes, va="center", fontproperties=font(SMALL))
