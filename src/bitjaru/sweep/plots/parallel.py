"""All parameters of all trials at once: a row each, and a line a trial from row to row."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial

from bitjaru.drawing.figure import INK, SMALL, SOFT, TEXT, figure, inches, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import remark, width
from bitjaru.drawing.rules import Marks, steps
from bitjaru.sweep.plots.highlights import REMARK, complete, layers
from bitjaru.sweep.plots.scales import Scale, names, scale

ROW = 0.52  # inches
ABSENT = -0.09  # where trials pass that do not have the parameter
OBJECTIVE = "value"


def draw(trials: Sequence[FrozenTrial], sign: int, *, order: Sequence[str] | None = None, title: str = "") -> Figure:
    """Draws parallel coordinates, lying: names have room beside rows.

    Args:
        trials: All of the study's, or of one option.
        sign: 1 where more is better, -1 where less is.
        order: Of the parameters; None for that in which they were met.
        title: Of the option.
    """
    done = complete(trials)
    shown = names(done) if order is None else order
    axes_of = {OBJECTIVE: _objective(done), **{name: scale(name, done) for name in shown}}
    left, tall = 0.3 + max(map(width, axes_of)), ROW * (len(axes_of) - 0.75)
    drawn = figure(left + 7.6, tall + 1.1)
    axes = panel(drawn, (left, 0.5, 7.3, tall), title=f"parameters of each trial{title and f', {title}'}")
    axes.set_xlim(ABSENT - 0.03, 1.02)
    axes.set_ylim(len(axes_of) - 1, -0.25)
    for layer in layers(done, sign):
        axes.add_collection(layer.collection([_line(trial, axes_of) for trial in layer.trials]), autolim=False)
    for row, (name, its) in enumerate(axes_of.items()):
        _rule(axes, row, name, its.marks)
    if passed := [row for row, name in enumerate(axes_of) if row and any(name not in trial.params for trial in done)]:
        _write(axes, ABSENT, passed[-1], "unused")
    remark(axes, f"{len(done):,} trials; {REMARK}")
    return drawn


def _objective(done: Sequence[FrozenTrial]) -> Scale:
    values = [trial.values[0] for trial in done]
    low, high = min(values), max(values)
    wide = high - low or 1.0
    marks = [((place - low) / wide, text) for place, text in steps(low, low + wide)]
    return Scale(lambda value: (value - low) / wide, marks)


def _line(trial: FrozenTrial, axes_of: dict[str, Scale]) -> list[tuple[float, float]]:
    known = {**trial.params, OBJECTIVE: trial.values[0]}
    return [
        (its.place(known[name]) if name in known else ABSENT, row) for row, (name, its) in enumerate(axes_of.items())
    ]


def _rule(axes: Axes, row: int, name: str, marks: Marks) -> None:
    axes.plot([0, 1], [row, row], color=SOFT, linewidth=0.8, clip_on=False)
    axes.plot([place for place, _ in marks], [row] * len(marks), "|", color=INK, markersize=5, clip_on=False)
    for place, text in marks:
        _write(axes, place, row, text)
    at = (-0.1 / inches(axes)[0], row)
    across = axes.get_yaxis_transform()
    axes.text(*at, name, transform=across, ha="right", va="center", color=INK, fontproperties=font(TEXT))


def _write(axes: Axes, place: float, row: int, text: str) -> None:
    """Writes below a row, on a ground that lets the lines shine through."""
    ground = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75}
    axes.annotate(
        text,
        (place, row),
        xytext=(0, -5),
        textcoords="offset points",
        ha="center",
        va="top",
        color=INK,
        bbox=ground,
        fontproperties=font(SMALL),
    )
