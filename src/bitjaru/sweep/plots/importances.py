"""Which parameters mattered."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from bitjaru.drawing.figure import BLUE, INK, SMALL, figure, inches, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import remark, width
from bitjaru.drawing.rules import rule_x, rule_y, steps

ROW = 0.26  # inches
SMALL_SHARE = 0.01
ENOUGH = 10  # trials a parameter: with fewer the shares of many parameters are mostly chance


def draw(importances: Mapping[str, float], trials: int) -> Figure:
    """Draws a bar for each parameter that has a share to speak of, the most important on top.

    Args:
        importances: Their shares by PED-ANOVA; together 1.
        trials: Complete ones, of which the shares speak.
    """
    every = sorted(importances, key=lambda name: -importances[name])
    names = [name for name in every if importances[name] >= SMALL_SHARE] or every
    left, tall = 0.25 + max(map(width, names)), ROW * len(names)
    drawn = figure(left + 5.6, tall + 1.1)
    axes = panel(drawn, (left, 0.55, 5.0, tall), title="importance of each parameter")
    high = max(importances.values())
    axes.set_xlim(0, high)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.barh(range(len(names)), [importances[name] for name in names], height=0.7, color=BLUE)
    after = 0.06 * high / inches(axes)[0]
    for row, name in enumerate(names):
        share = importances[name]
        axes.text(share + after, row, f"{share:.2f}", va="center", color=INK, fontproperties=font(SMALL))
    others = len(importances) - len(names)
    small = f"; {others:,} {'other' if others == 1 else 'others'} below {SMALL_SHARE}" if others else ""
    rule_x(axes, steps(0, high, most=5), label=f"share in what sets the best tenth of the trials apart{small}")
    rule_y(axes, list(enumerate(names)), lines=False)
    hint = ": a hint, no more" if trials < ENOUGH * len(importances) else ""
    remark(axes, f"PED-ANOVA, {trials:,} trials{hint}")
    return drawn
