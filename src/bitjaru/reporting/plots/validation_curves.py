"""One metric of many runs over their epochs, in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from bitjaru.drawing import far_out
from bitjaru.drawing.figure import COLOURS, DASHED, SOLID, figure, panel
from bitjaru.drawing.labels import LEAD, name_ends, remark, width
from bitjaru.outcome import Outcome
from bitjaru.reporting import overrides
from bitjaru.reporting.plots import lines
from bitjaru.reporting.plots.lines import Line
from bitjaru.reporting.wording import MISSING, decimals
from bitjaru.tasks import Direction

NAMED = 12
LETTERS = 60


@dataclass(frozen=True)
class _Curve:
    """A line with a name, and the lines that stand thin behind it."""

    line: Line
    name: str
    behind: Sequence[Line] = ()


def validation_curves(outcomes: Sequence[Outcome], *, metric: str, direction: Direction) -> Figure:
    """Draws one metric, of the validation part if any run has one, else of the training part.

    Up to twelve runs have a colour and a name each: their architecture and the overrides in which they differ. More
    are drawn thin in the colour of their architecture, with the best of each architecture thick, and cut where they are
    far out. Runs that did not get through one epoch are left out.

    Args:
        outcomes: Any runs.
        metric: `accuracy`, `loss`, ….
        direction: Which values of it are best.
    """
    part = "valid" if any(outcome.history.get(f"valid_{metric}") for outcome in outcomes) else "train"
    runs = [outcome for outcome in outcomes if outcome.history.get(f"{part}_{metric}")]
    values = [lines.line(run.history[f"{part}_{metric}"]) for run in runs]
    curves = (_each if len(runs) <= NAMED else _architectures)(runs, values, direction)
    names = max((width(curve.name) for curve in curves), default=0.0)
    drawn = figure(5.5 + LEAD + names, 4.4)
    axes = panel(drawn, (0.65, 0.55, 4.7, 3.4), title=f"{part} {metric}")
    shown, cut = (values, 0) if len(runs) <= NAMED else _near(values, 1 if direction == "maximize" else -1)
    lines.scale(axes, shown)
    _draw(axes, curves)
    runs_said = f"{len(runs):,} {'run' if len(runs) == 1 else 'runs'}"
    remark(axes, f"{runs_said}, named by their best epoch{far_out.told(cut)}")
    return drawn


def _near(values: Sequence[Line], sign: int) -> tuple[list[Line], int]:
    """Returns the lines without what is far out, and how many of them had such."""
    limit = far_out.fence(np.concatenate(values).tolist(), sign)
    far = [np.array([far_out.beyond(value, limit, sign) for value in line]) for line in values]
    near = [np.where(gone, np.nan, line) for line, gone in zip(values, far, strict=True)]
    return near, sum(bool(gone.any()) for gone in far)


def _each(runs: Sequence[Outcome], values: Sequence[Line], direction: Direction) -> list[_Curve]:
    changed = overrides.differing([run.overrides for run in runs])
    short = overrides.shortened(key for each in changed for key in each)
    curves = []
    for run, line, each in zip(runs, values, changed, strict=True):
        words = f"{run.choices.get('architecture', MISSING)} {overrides.label(each, short)}".strip()
        name = words if len(words) <= LETTERS else words[: LETTERS - 1] + "…"
        curves.append(_Curve(line, f"{decimals(lines.best(line, direction))}  {name}"))
    return curves


def _architectures(runs: Sequence[Outcome], values: Sequence[Line], direction: Direction) -> list[_Curve]:
    members: dict[str, list[Line]] = {}
    for run, line in zip(runs, values, strict=True):
        members.setdefault(run.choices.get("architecture", MISSING), []).append(line)
    better = max if direction == "maximize" else min
    curves = []
    for architecture, its in members.items():
        top = better(its, key=lambda line: lines.best(line, direction))
        name = f"{decimals(lines.best(top, direction))}  {architecture}, best of {len(its):,}"
        curves.append(_Curve(top, name, its))
    return curves


def _draw(axes: Axes, curves: Sequence[_Curve]) -> None:
    ends, (low, high) = [], axes.get_ylim()
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        style = SOLID if number < len(COLOURS) else DASHED
        if curve.behind:
            segments = [np.column_stack([np.arange(1, len(line) + 1), line]) for line in curve.behind]
            thin = LineCollection(segments, colors=colour, linewidths=0.6, alpha=0.35, zorder=1)
            axes.add_collection(thin, autolim=False)
        lines.draw(axes, curve.line, colour=colour, style=style, thick=2.2 if curve.behind else 1.6)
        ends.append((float(np.clip(lines.last(curve.line), low, high)), curve.name, colour, style))
    name_ends(axes, ends)
