"""How well a classifier tells the classes apart."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from bitjaru.data import FloatArray, IntArray
from bitjaru.drawing.figure import BLUE, COLOURS, INK, SMALL, SOFT, TEXT, figure, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import remark, width
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.reporting.roc import Roc
from bitjaru.reporting.wording import count, decimals, percent

CELL = 1.25
MOST_WRITTEN = 10  # classes: with more there is no room for figures, and the colours tell
POINTS = 400
PALE = 0.8  # up to this share dark letters are easier to read on the blue than white ones


def confusion(counts: IntArray, classes: Sequence[str], *, part: str = "") -> Figure:
    """Draws how often each class was answered for each true class, and what share of the true class that is.

    Args:
        counts: True class by answered class, (C, C).
        classes: Names of the C classes.
        part: The part of the data that was answered.
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    side = max(len(classes) * CELL * min(1, 4 / len(classes)), 2 * CELL)
    margin = 0.5 + max(map(width, classes))
    drawn = figure(margin + side + 0.25, side + 1.05)
    axes = panel(drawn, (margin, 0.55, side, side), title=_title("confusion", part))
    white, blue = np.ones(3), np.array(to_rgb(BLUE))
    axes.imshow(white + shares[..., None] * (blue - white), interpolation="nearest", aspect="auto")
    rule_x(axes, list(enumerate(classes)), label="answered", baseline=False)
    rule_y(axes, list(enumerate(classes)), label="true", room=margin - 0.17, lines=False)
    for (true, answered), cell in np.ndenumerate(counts) if len(classes) <= MOST_WRITTEN else ():
        colour = "white" if shares[true, answered] > PALE else INK
        text = f"{count(int(cell))}\n{percent(float(cell), float(totals[true, 0]))}"
        axes.text(answered, true, text, color=colour, ha="center", va="center", fontproperties=font(TEXT))
    if counts.sum():
        remark(axes, f"accuracy {decimals(float(np.trace(counts) / counts.sum()))}")
    return drawn


def roc(curves: Mapping[str, Roc], *, part: str = "") -> Figure:
    """Draws receiver operating characteristics with their area.

    Args:
        curves: By the name of the class that a high probability stands for; of several, each against the rest.
        part: The part of the data that was answered.
    """
    drawn = figure(4.4, 4.1)
    area = fmean(curve.area for curve in curves.values())
    name = "AUC" if len(curves) == 1 else "mean AUC"
    axes = panel(drawn, (0.7, 0.55, 3.45, 3.15), title=_title("ROC", part, f"{name} {decimals(area)}"))
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (4, 3)))
    for place, (positive, curve) in enumerate(curves.items()):
        x, y = _thinned(curve)
        colour = COLOURS[place % len(COLOURS)]
        if len(curves) == 1:
            axes.fill_between(x, y, color=colour, alpha=0.08, linewidth=0)
        axes.plot(x, y, color=colour, linewidth=1.8 if len(curves) == 1 else 1.2)
        if 1 < len(curves) <= len(COLOURS):
            said = f"{positive} {decimals(curve.area)}"
            axes.text(0.98, 0.04 + 0.06 * place, said, color=colour, ha="right", fontproperties=font(SMALL))
    axes.set(xlim=(0, 1), ylim=(0, 1.01))
    meant = next(iter(curves)) if len(curves) == 1 else "a class"
    rule_x(axes, steps(0, 1, most=4), label=f"share of the others taken for {meant}")
    rule_y(axes, steps(0, 1, most=4), label=f"share of {meant} found", room=0.52)
    return drawn


def _thinned(curve: Roc) -> tuple[FloatArray, FloatArray]:
    """At most so many points, evenly along the curve: more than its pixels show would only take time."""
    x, y = curve.false_positives, curve.true_positives
    if len(x) <= POINTS:
        return x, y
    points = np.searchsorted(x + y, np.linspace(0, 2, POINTS)).clip(0, len(x) - 1)
    return x[points], y[points]


def _title(*words: str) -> str:
    return " · ".join(filter(None, words))
