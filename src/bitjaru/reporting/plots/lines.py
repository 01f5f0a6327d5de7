"""Curves over epochs: how they are scaled and drawn, and what is read from them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bitjaru.drawing.figure import LineStyle
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.tasks import Direction

MARKED = 30
Line = NDArray[np.float64]


def line(values: Sequence[float]) -> Line:
    """Returns a value an epoch as an array in which nan stands for whatever is no number."""
    array = np.asarray(values, np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def last(values: Line) -> float:
    """Returns the last number of a line, or nan if it has none."""
    seen = values[np.isfinite(values)]
    return float(seen[-1]) if len(seen) else float("nan")


def best(values: Line, direction: Direction) -> float:
    """Returns the best number of a line; one without numbers is worse than all others."""
    seen = values[np.isfinite(values)]
    return float(seen.max(initial=-np.inf) if direction == "maximize" else seen.min(initial=np.inf))


def scale(axes: Axes, lines: Sequence[Line]) -> None:
    """Sets limits that hold all lines, and writes the scales."""
    epochs = max(map(len, lines), default=1)
    margin = 0.03 * max(epochs - 1, 1)
    axes.set_xlim(1 - margin, epochs + margin)
    low, high = _ends(np.concatenate([*lines, np.empty(0)]))
    axes.set_ylim(low, high)
    rule_x(axes, steps(1, epochs, whole=True), label="epoch")
    rule_y(axes, steps(low, high))


def draw(axes: Axes, values: Line, *, colour: str, style: LineStyle, marker: str = "o", thick: float = 1.6) -> None:
    """Draws one line; its epochs are marked where they do not run together, since a single one makes no line."""
    axes.plot(
        np.arange(1, len(values) + 1),
        values,
        color=colour,
        linestyle=style,
        linewidth=thick,
        marker=marker if len(values) <= MARKED else None,
        markersize=4,
    )


def _ends(values: Line) -> tuple[float, float]:
    seen = values[np.isfinite(values)]
    if not len(seen):
        return 0.0, 1.0
    low, high = float(seen.min()), float(seen.max())
    margin = 0.06 * (high - low) or 0.01 * max(abs(high), 0.01)
    return low - margin, high + margin
