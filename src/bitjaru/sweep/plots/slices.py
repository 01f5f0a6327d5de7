"""The value against each parameter alone."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial

from bitjaru.drawing.figure import INK, SMALL, SOFT, figure, inches
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import width
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.sweep.plots.highlights import complete
from bitjaru.sweep.plots.scales import Scale, names, scale

WIDE, TALL, ACROSS, DOWN = 2.9, 1.7, 0.75, 0.75  # inches of a panel, and between panels
COLUMNS = 4
FEWEST = 5  # trials that have a parameter
SPREAD = 0.6  # of a choice's column
EARLY_TO_LATE = LinearSegmentedColormap.from_list("early to late", ["#A9D3EC", "#0072B2", "#06283D"])


def draw(trials: Sequence[FrozenTrial]) -> Figure:
    """Draws a panel for each parameter that trials enough have, with those trials.

    Args:
        trials: All of the study's.
    """
    done = complete(trials)
    parameters = told(trials)
    columns = min(COLUMNS, len(parameters))
    rows = -(-len(parameters) // columns)
    whole = (0.15 + columns * (WIDE + ACROSS), 0.35 + rows * (TALL + DOWN))
    drawn = figure(max(whole[0], 4.2), whole[1])
    for number, name in enumerate(parameters):
        row, column = divmod(number, columns)
        left, bottom = ACROSS + column * (WIDE + ACROSS), 0.45 + (rows - 1 - row) * (TALL + DOWN)
        size = drawn.get_size_inches()
        axes = drawn.add_axes((left / size[0], bottom / size[1], WIDE / size[0], TALL / size[1]))
        axes.set_axis_off()
        _panel(axes, name, done)
    words = f"value of {len(done):,} trials by each parameter; pale: early, dark: late"
    drawn.text(0.15 / whole[0], 1 - 0.12 / whole[1], words, va="top", color=INK, fontproperties=font(SMALL + 1))
    return drawn


def told(trials: Sequence[FrozenTrial]) -> list[str]:
    """Returns the parameters that trials enough have for a picture to tell something."""
    done = complete(trials)
    return [name for name in names(done) if sum(name in trial.params for trial in done) >= FEWEST]


def _panel(axes: Axes, name: str, done: Sequence[FrozenTrial]) -> None:
    its = scale(name, done, most=5)
    values = [trial.values[0] for trial in done]
    margin = 0.06 * (max(values) - min(values)) or 0.01
    low, high = min(values) - margin, max(values) + margin
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(low, high)
    having = [trial for trial in done if name in trial.params]
    last = max(done[-1].number, 1)
    axes.scatter(
        [_place(trial, name, its, last) for trial in having],
        [trial.values[0] for trial in having],
        c=[trial.number for trial in having],
        s=14 if len(done) <= 100 else 5,
        cmap=EARLY_TO_LATE,
        vmin=0,
        vmax=last,
        linewidths=0,
        alpha=0.85,
    )
    rule_x(axes, its.marks if _fit(its) else _staggered(its))
    rule_y(axes, steps(low, high, most=4))
    above = (0, 1 + 0.06 / inches(axes)[1])
    axes.text(*above, name, transform=axes.transAxes, color=SOFT, fontproperties=font(SMALL))


def _place(trial: FrozenTrial, name: str, its: Scale, last: int) -> float:
    """Trials of one choice stand side by side, early ones to the left, so that none hides another."""
    return its.place(trial.params[name]) + SPREAD * its.column * (trial.number / last - 0.5)


def _fit(its: Scale) -> bool:
    return not its.column or all(width(text) < 0.95 * WIDE * its.column for _, text in its.marks)


def _staggered(its: Scale) -> list[tuple[float, str]]:
    """Words that are too wide to stand side by side take two lines in turn."""
    return [(place, "\n" * (number % 2) + text) for number, (place, text) in enumerate(its.marks)]
