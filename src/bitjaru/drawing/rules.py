"""Scales beside a picture: figures or names along an axis, and thin lines to read them off by."""

from collections.abc import Sequence
from math import floor, log10

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from bitjaru.drawing.figure import RULE, SMALL, SOFT, TEXT, inches
from bitjaru.drawing.fonts import font

TEN = (1, 2, 5)  # marks in each power of ten
Marks = Sequence[tuple[float, str]]


def steps(low: float, high: float, *, most: int = 6, whole: bool = False) -> Marks:
    """Returns round figures from `low` to `high`, all with the decimals that they need.

    Args:
        low: Lower end of the axis.
        high: Upper end.
        most: How many there are at most.
        whole: Whether there are only whole numbers, as for epochs and counts.
    """
    places = MaxNLocator(
        most, integer=whole, min_n_ticks=1, steps=[1, 2, 5, 10] if whole else [1, 2, 2.5, 5, 10]
    ).tick_values(low, high)
    slack = 1e-9 * (high - low)
    inside = [float(place) for place in places if low - slack <= place <= high + slack]
    decimals = 0 if whole else max((_decimals(place) for place in inside), default=0)
    return [(place, f"{place:,.{decimals}f}") for place in inside]


def tens(low: float, high: float, *, most: int = 12) -> Marks:
    """Returns round figures for a logarithmic axis: 1, 2 and 5 of each power of ten, or only 1 where those are many."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    every = [step * 10.0**power for power in powers for step in TEN if low <= step * 10.0**power <= high]
    places = every if len(every) <= most else [10.0**power for power in powers if low <= 10.0**power <= high]
    return [(place, f"{place:,.10g}") for place in places]


def rule_x(axes: Axes, marks: Marks, *, label: str = "", baseline: bool = True) -> None:
    """Writes along the lower side, and draws it."""
    _, high = inches(axes)
    across = axes.get_xaxis_transform()
    for place, mark in marks:
        axes.text(
            place, -0.07 / high, mark, transform=across, ha="center", va="top", color=SOFT, fontproperties=font(SMALL)
        )
    if label:
        axes.text(
            0.5,
            -0.27 / high,
            label,
            transform=axes.transAxes,
            ha="center",
            va="top",
            color=SOFT,
            fontproperties=font(TEXT),
        )
    if baseline:
        axes.add_artist(
            LineCollection([[(0, 0), (1, 0)]], colors=SOFT, linewidths=1, transform=axes.transAxes, clip_on=False)
        )


def rule_y(axes: Axes, marks: Marks, *, label: str = "", room: float = 0.0, lines: bool = True) -> None:
    """Writes along the left side, and draws a line across for each mark.

    Args:
        axes: Where.
        marks: What.
        label: Of the axis.
        room: How far to the left the label stands, in inches.
        lines: Whether to draw lines across.
    """
    wide, _ = inches(axes)
    across = axes.get_yaxis_transform()
    for place, mark in marks:
        axes.text(
            -0.07 / wide, place, mark, transform=across, ha="right", va="center", color=SOFT, fontproperties=font(SMALL)
        )
    if label:
        axes.text(
            -room / wide,
            0.5,
            label,
            transform=axes.transAxes,
            ha="center",
            va="center",
            rotation=90,
            color=SOFT,
            fontproperties=font(TEXT),
        )
    if lines:
        segments = [[(0, place), (1, place)] for place, _ in marks]
        axes.add_artist(LineCollection(segments, colors=RULE, linewidths=0.7, transform=across, zorder=0.5))


def _decimals(place: float) -> int:
    return len(f"{place:.10f}".rstrip("0").partition(".")[2])
