"""What the data looks like: how many of each class, and how long the reviews are."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bitjaru.drawing.figure import (
    BLACK,
    BLUE,
    COLOURS,
    DASHED,
    DOTTED,
    INK,
    SKY,
    SMALL,
    SOLID,
    VERMILION,
    LineStyle,
    figure,
    panel,
)
from bitjaru.drawing.fonts import font
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.reporting.wording import count, percent

BARS = 60
COMMON = 99.5


def classes(counts: Mapping[str, Sequence[int]], names: Sequence[str]) -> Figure:
    """Draws how many reviews of each class each part has.

    Args:
        counts: C counts for each part, `{"train": (51_800, 51_702), …}`.
        names: Of the C classes.
    """
    width = 0.8 / len(names)
    drawn = figure(max(4.4, 1.0 + 0.62 * len(names) * len(counts)), 3.4)
    axes = panel(drawn, (0.75, 0.4, drawn.get_size_inches()[0] - 0.9, 2.35), title="classes")
    for place, name in enumerate(names):
        heights = [part[place] for part in counts.values()]
        centres = np.arange(len(counts)) + (place - (len(names) - 1) / 2) * width
        axes.bar(centres, heights, width * 0.94, color=COLOURS[place % len(COLOURS)], label=name)
        for centre, height, part in zip(centres, heights, counts.values(), strict=True):
            axes.annotate(
                f"{count(height)}\n{percent(height, sum(part))}",
                (centre, height),
                (0, 2),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=INK,
                fontproperties=font(SMALL),
            )
    highest = 1.2 * max(max(part) for part in counts.values())
    axes.set_ylim(0, highest)
    rule_x(axes, list(enumerate(counts)))
    rule_y(axes, steps(0, highest, most=5, whole=True))
    _legend(axes, columns=len(names))
    return drawn


def lengths(tokens: NDArray[np.int64], *, max_len: int, part: str = "train") -> Figure:
    """Draws how many tokens the reviews have, with mean, median, and where they are cut.

    Args:
        tokens: Tokens of each review, (N,), N at least 1.
        max_len: T; longer reviews lose their start.
        part: Of the data.
    """
    mean, median = float(tokens.mean()), float(np.median(tokens))
    longer = int(np.count_nonzero(tokens > max_len))
    end = int(max(np.percentile(tokens, COMMON), 1.1 * min(max_len, tokens.max()))) + 1
    step = max(1, -(-end // BARS))
    heights, edges = np.histogram(tokens, bins=np.arange(0, end + step + 1, step) - 0.5)
    drawn = figure(6.6, 3.4)
    axes = panel(drawn, (0.75, 0.55, 5.65, 2.4), title=f"length · {part}")
    axes.stairs(heights, edges, fill=True, color=SKY, edgecolor="white", linewidth=0.4)
    marks: list[tuple[float, str, LineStyle, str]] = [
        (mean, BLUE, SOLID, f"mean {mean:,.1f}"),
        (median, BLACK, DASHED, f"median {median:,.1f}".removesuffix(".0")),
        (max_len, VERMILION, DOTTED, f"max_len {max_len:,} ({percent(longer, len(tokens))} longer)"),
    ]
    for value, colour, style, name in marks:
        axes.axvline(value, color=colour, linestyle=style, linewidth=1.6, label=name)
    axes.set(xlim=(0, edges[-1]), ylim=(0, 1.05 * heights.max()))
    rule_x(axes, steps(0, edges[-1], whole=True), label=_axis(tokens, edges[-1]))
    rule_y(axes, steps(0, 1.05 * heights.max(), most=5, whole=True))
    _legend(axes, columns=len(marks))
    return drawn


def _axis(tokens: NDArray[np.int64], end: float) -> str:
    beyond = int(np.count_nonzero(tokens > end))
    return (
        f"tokens ({count(beyond)} reviews up to {count(int(tokens.max()))} lie further right)" if beyond else "tokens"
    )


def _legend(axes: Axes, *, columns: int) -> None:
    """Puts the legend above the axes, to the right of the title, where it covers nothing."""
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=columns,
        frameon=False,
        prop=font(SMALL),
        borderaxespad=0.2,
        handlelength=1.6,
        columnspacing=1.2,
    )
