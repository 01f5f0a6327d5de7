"""Which parameters mattered."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from bitjaru.drawing.figure import BLUE, INK, SMALL, figure, inches, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import remark, width
from bitjaru.drawing.rules import rule_x, rule_y, steps

ROW = 0.26  # inches


def draw(importances: Mapping[str, float]) -> Figure:
    """Draws a bar for each parameter, the most important on top.

    Args:
        importances: Their shares by PED-ANOVA; together 1.
    """
    names = sorted(importances, key=lambda name: -importances[name])
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
        text = f"{share:.2f}" if share >= 0.01 else "< 0.01"
        axes.text(share + after, row, text, va="center", color=INK, fontproperties=font(SMALL))
    rule_x(axes, steps(0, high, most=5), label="share in what sets the best tenth of the trials apart")
    rule_y(axes, list(enumerate(names)), lines=False)
    remark(axes, "PED-ANOVA")
    return drawn
