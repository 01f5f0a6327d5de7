"""When each trial ran, and how it ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from optuna.trial import FrozenTrial, TrialState

from bitjaru.drawing.figure import BLUE, GREEN, ORANGE, SMALL, VERMILION, figure, inches, panel
from bitjaru.drawing.fonts import font
from bitjaru.drawing.labels import width
from bitjaru.drawing.rules import rule_x, rule_y, steps
from bitjaru.reporting.wording import duration
from bitjaru.sweep.plots.pauses import without_pauses

COLOURS = {
    TrialState.COMPLETE: BLUE,
    TrialState.PRUNED: ORANGE,
    TrialState.FAIL: VERMILION,
    TrialState.RUNNING: GREEN,
}
UNITS = ((7200.0, 3600.0, "hours"), (180.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))
THINNEST = 1.5  # points
Bar = list[tuple[float, int]]


def draw(trials: Sequence[FrozenTrial]) -> Figure:
    """Draws a row a trial, from its start to its end; what did not end well lies on top.

    Args:
        trials: All of the study's.
    """
    together, pauses = without_pauses(trials)
    begun = [(trial, trial.datetime_start) for trial in together if trial.datetime_start]
    zero = min(start for _, start in begun)
    length = max((_end(trial, start) - zero).total_seconds() for trial, start in begun)
    unit, name = next((unit, name) for least, unit, name in UNITS if length >= least)
    high, last = max(length / unit, 1e-3), max(trial.number for trial in trials)
    drawn = figure(8.2, 4.4)
    axes = panel(drawn, (0.7, 0.55, 7.3, 3.4), title="when each trial ran")
    axes.set_xlim(-0.01 * high, 1.01 * high)
    axes.set_ylim(last + 0.8, -0.8)
    rows: dict[TrialState, list[Bar]] = {}
    for trial, start in begun:
        both = [(when - zero).total_seconds() / unit for when in (start, _end(trial, start))]
        rows.setdefault(trial.state, []).append([(when, trial.number) for when in both])
    _bars(axes, rows, thick=min(14, 0.7 * inches(axes)[1] * 72 / (last + 1.6)))
    rule_x(axes, steps(0, high), label=f"{name} since the first trial began{_left_out(pauses)}")
    rule_y(axes, steps(0, last, whole=True) or [(0, "0")])
    _name(axes, [(f"{len(rows[state]):,} {state.name.lower()}", COLOURS[state]) for state in COLOURS if state in rows])
    return drawn


def _bars(axes: Axes, rows: Mapping[TrialState, Sequence[Bar]], *, thick: float) -> None:
    thin = thick < THINNEST
    for state, colour in COLOURS.items():
        # Where rows are thinner than what can be seen, they overlap: those that did not end well stand out.
        wide = thick if not thin else THINNEST if state == TrialState.COMPLETE else 2 * THINNEST
        bars = LineCollection(rows.get(state, []), colors=colour, linewidths=wide, clip_on=False)
        bars.set_capstyle("projecting" if thin else "butt")
        axes.add_collection(bars, autolim=False)


def _name(axes: Axes, words: Sequence[tuple[str, str]]) -> None:
    """Writes at the right end of the title's line, in the colours of what is meant."""
    wide, tall = inches(axes)
    place = 1.0
    for text, colour in words:
        at = (place, 1 + 0.1 / tall)
        axes.text(*at, text, ha="right", color=colour, transform=axes.transAxes, fontproperties=font(SMALL))
        place -= (width(text) + 0.15) / wide


def _left_out(pauses: Sequence[timedelta]) -> str:
    if not pauses:
        return ""
    whole = duration(sum(pauses, timedelta()).total_seconds())
    return f", without {len(pauses)} pause{'s' * (len(pauses) > 1)} of {whole}"


def _end(trial: FrozenTrial, start: datetime) -> datetime:
    return trial.datetime_complete or start
