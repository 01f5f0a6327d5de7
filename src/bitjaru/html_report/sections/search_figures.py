"""The pictures of a search or a grid: what it cost, how it learned, what budgets and knobs moved."""

from collections.abc import Iterator, Sequence

from bitjaru.finals.analysis.budgets import expected_best
from bitjaru.html_report import charts
from bitjaru.html_report.blocks import Block, Cell, Figure, Heading, Table, number
from bitjaru.html_report.knobs import LEAST_TRIALS, MOST_KNOBS, Knob, importances, knobs
from bitjaru.html_report.language import Texts
from bitjaru.html_report.scales import Axes
from bitjaru.html_report.sources import Searched
from bitjaru.reporting.wording import decimals
from bitjaru.tracking.registry.last_group import Tried


def cost_figures(searched: Searched, texts: Texts) -> Iterator[Block]:
    """Yields what every run cost beside what it reached; nothing of a run alone."""
    groups = {
        name: [
            (max(run.seconds, 0.01), run.objective or 0.0, f"{run.name}, {decimals(run.objective)}")
            for run in its
            if run.objective is not None
        ]
        for name, its in searched.by_architecture.items()
    }
    drawn = {name: its for name, its in groups.items() if its}
    if drawn and not searched.alone:
        what = texts.figure(searched.objective)
        caption = texts.say("search_cost", what=what)
        axes = Axes(texts.say("seconds"), what, log=True)
        yield Figure(charts.scatter(drawn, axes, order=list(groups), alt=caption), caption)


def curve_figures(searched: Searched, texts: Texts) -> Iterator[Block]:
    """Yields the validation curve of the best of each architecture."""
    named = {run.run_id: run.tags.get("architecture", "–") for run in searched.group.tried}
    series = {
        named[run_id]: [(epoch + 1.0, value) for epoch, value in enumerate(curve)]
        for run_id, curve in searched.curves.items()
        if len(curve) > 1
    }
    if series:
        caption = texts.say("run_curves" if searched.alone else "search_curves")
        if not searched.alone and len(series) < len(searched.by_architecture):
            caption += " " + texts.say("curves_none")
        axes = Axes(texts.say("epoch"), texts.say("valid_accuracy"), whole=True)
        yield Figure(charts.lines(series, axes, order=list(searched.by_architecture), alt=caption), caption)


def budget_figures(searched: Searched, texts: Texts) -> Iterator[Block]:
    """Yields the best to expect after so many trials, and after so many seconds (Dodge et al. 2019)."""
    found, sign = {}, searched.sign
    for name, its in searched.by_architecture.items():
        judged = [run for run in its if run.objective is not None]
        if len(judged) > 1:
            found[name] = expected_best(
                [sign * (run.objective or 0.0) for run in judged], [run.seconds for run in judged]
            )
    figure = texts.figure(searched.objective)
    for what in ("trials", "seconds"):
        series = {
            name: [(getattr(each, what), sign * each.expected) for each in points] for name, points in found.items()
        }
        if series:
            caption, timed = texts.say(f"budget_{what}", what=figure), what == "seconds"
            axes = Axes(texts.say(what), figure, log=timed, whole=not timed)
            yield Figure(charts.lines(series, axes, order=list(searched.by_architecture), alt=caption), caption)


def knob_figures(searched: Searched, texts: Texts) -> Iterator[Block]:
    """Yields one picture an architecture, the knobs that matter first; none below five trials."""
    for name, its in searched.by_architecture.items():
        judged = [run for run in its if run.objective is not None]
        found = knobs(judged)
        if len(judged) < LEAST_TRIALS or not found:
            continue
        shares = importances(judged, found, sign=searched.sign)
        found.sort(key=lambda knob: -shares.get(knob.name, 0.0))
        yield Heading(name)
        if shares:
            rows = [[Cell(knob), number(share, 3)] for knob, share in shares.items()]
            caption = texts.say("importances", architecture=name, count=len(judged))
            yield Table(f"knobs-{name}", caption, [texts.say("knob"), texts.say("importance")], rows)
        yield _parallel(name, judged, found[:MOST_KNOBS], texts, sign=searched.sign)


def _parallel(name: str, judged: Sequence[Tried], shown: Sequence[Knob], texts: Texts, *, sign: int) -> Figure:
    values = [sign * (run.objective or 0.0) for run in judged]
    least, most = min(values), max(values)
    good = [(value - least) / (most - least) if most > least else 1.0 for value in values]
    places: list[Sequence[float | None]] = [*(knob.places() for knob in shown), good]
    rows = [(good[row], [axis[row] for axis in places]) for row in range(len(judged))]
    axes = [*(knob.name.rpartition(".")[2] for knob in shown), texts.say("valid")]
    caption = texts.say("parallel", architecture=name)
    ends = [
        *((low[:10], high[:10]) for low, high in (knob.ends() for knob in shown)),
        (decimals(sign * least), decimals(sign * most)),
    ]
    return Figure(charts.parallel(axes, rows, ends, alt=caption), caption)
