"""Words in a picture that stand where they cover nothing."""

from collections.abc import Sequence
from math import isfinite

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from bitjaru.drawing.figure import INK, SMALL, SOFT, LineStyle, inches
from bitjaru.drawing.fonts import font

LINE = 0.16  # inches from one line of small text to the next
LEAD = 0.32  # inches from the axes to the names


def remark(axes: Axes, text: str) -> None:
    """Writes at the right end of the title's line."""
    place = (1, 1 + 0.1 / inches(axes)[1])
    axes.text(*place, text, color=SOFT, transform=axes.transAxes, ha="right", fontproperties=font(SMALL))


def name_ends(axes: Axes, ends: Sequence[tuple[float, str, str, LineStyle]]) -> None:
    """Writes the name of each curve to the right of the axes, with a line that leads from where the curve ends.

    A legend would send the eye back and forth. The names are dark, as pale colours are hard to read.

    Args:
        axes: Holds the curves; its limits must not change any more.
        ends: For each curve its last value, name, colour and line style; those that end in nan are left out.
    """
    ends = [end for end in ends if isfinite(end[0])]
    low, high = axes.get_ylim()
    wide, tall = inches(axes)
    true = [(value - low) / (high - low) for value, *_ in ends]
    moved = apart(true, gap=LINE / tall, low=0, high=1)
    turns = [1 + turn / wide for turn in (0, 0.06, 0.18, 0.27)]
    leads = [list(zip(turns, (y, y, place, place), strict=True)) for y, place in zip(true, moved, strict=True)]
    colours, styles = [colour for _, _, colour, _ in ends], [style for *_, style in ends]
    lines = LineCollection(leads, colors=colours, linestyles=styles, linewidths=1.4, transform=axes.transAxes)
    axes.add_artist(lines).set_clip_on(False)
    for place, (_, name, *_) in zip(moved, ends, strict=True):
        at = (1 + LEAD / wide, place)
        axes.text(*at, name, color=INK, transform=axes.transAxes, va="center", fontproperties=font(SMALL))


def apart(places: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Moves places as little as a sweep up and down can so that neighbours are `gap` apart, between `low` and `high`.

    The order stays. Where there is no room for all, they are spread evenly.
    """
    if len(places) > 1 and gap * (len(places) - 1) > high - low:
        gap = (high - low) / (len(places) - 1)
    order = sorted(range(len(places)), key=lambda number: places[number])
    moved = list(places)
    floor = low
    for number in order:
        moved[number] = max(moved[number], floor)
        floor = moved[number] + gap
    ceiling = high
    for number in reversed(order):
        moved[number] = min(moved[number], ceiling)
        ceiling = moved[number] - gap
    return moved


def width(text: str) -> float:
    """Returns about how many inches a line of small text takes: an Asian letter about 0.12, any other about 0.065."""
    return sum(0.12 if ord(letter) > 0x1100 else 0.065 for letter in text)
