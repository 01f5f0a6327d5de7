"""What the report says of a search or a grid, out of its runs in MLflow."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from bitjaru import project
from bitjaru.finals.analysis.budgets import expected_best
from bitjaru.html_report import charts
from bitjaru.html_report.blocks import Block, Cell, Code, Figure, Heading, Section, Table, Words, number
from bitjaru.html_report.knobs import LEAST_TRIALS, MOST_KNOBS, Knob, importances, knobs, settings
from bitjaru.html_report.language import Texts
from bitjaru.reporting.overrides import label, shortened
from bitjaru.reporting.statistics import difference, wilson
from bitjaru.reporting.wording import decimals
from bitjaru.tracking.registry.last_group import Group, Tried

SPEED = "milliseconds_per_review"


@dataclass(frozen=True)
class Searched:
    """A search or grid as the report needs it.

    Attributes:
        group: With its runs.
        curves: By run id, the validation curve of the best run of each architecture.
        data: By part, rows of the data; with what is known of it.
        about: `name`, `language`, `licence` and `sha256` of the data.
    """

    group: Group
    curves: Mapping[str, Sequence[float]]
    data: Mapping[str, int]
    about: Mapping[str, str]

    @property
    def alone(self) -> bool:
        """Whether it is a single run, which nothing stands beside."""
        return len(self.group.tried) == 1

    @cached_property
    def finished(self) -> list[Tried]:
        """Runs with a validation figure, the best first."""
        judged = [run for run in self.group.tried if run.status == "FINISHED" and run.objective is not None]
        sign = -1 if {run.tags.get("direction") for run in judged} == {"minimize"} else 1
        return sorted(judged, key=lambda run: -sign * (run.objective or 0.0))

    @cached_property
    def by_architecture(self) -> Mapping[str, Sequence[Tried]]:
        """Runs of each architecture, in the order of their best."""
        found = defaultdict[str, dict[str, Tried]](dict)
        for run in [*self.finished, *self.group.tried]:
            found[run.tags.get("architecture", "–")].setdefault(run.run_id, run)
        return {name: list(its.values()) for name, its in found.items()}


def sections(searched: Searched, texts: Texts) -> list[Section]:
    """Returns the sections, the verdict first."""
    made = (
        ("verdict", _verdict),
        ("trials", _trials),
        ("cost", _cost),
        ("curves", _curves),
        ("budgets", _budgets),
        ("knobs", _knobs),
        ("failures", _failures),
        ("data", _data),
        ("commands", _commands),
    )
    titles = {"trials": "trial"} if searched.alone else {}
    return [
        Section(texts.say(f"section_{titles.get(name, name)}"), list(blocks(searched, texts))) for name, blocks in made
    ]


def ties(searched: Searched) -> list[Tried]:
    """Returns the runs that the validation part alone cannot tell from the best, by accuracy."""
    rows, finished = searched.data.get("valid", 0), searched.finished
    if not rows or not finished or finished[0].tags.get("objective") != "valid_accuracy":
        return []
    best = wilson(finished[0].objective or 0.0, rows)
    return [run for run in finished[1:] if 0.0 in difference(best, wilson(run.objective or 0.0, rows))]


def _verdict(searched: Searched, texts: Texts) -> Iterator[Block]:
    finished = searched.finished
    if not finished:
        return
    best = finished[0]
    if searched.alone:
        yield Words(texts.say("run_figures", **_figures(best, searched)), "verdict")
        return
    first = texts.say(
        "search_best",
        finished=len(finished),
        name=f"#{best.tags.get('number', '–')} {best.tags.get('architecture', '')}",
        value=decimals(best.objective),
        rows=f"{searched.data.get('valid', 0):,}",
    )
    equal = ties(searched)
    second = texts.say("search_ties", ties=len(equal)) if equal else texts.say("search_alone")
    yield Words(f"{first} {second}", "verdict")


def _figures(run: Tried, searched: Searched) -> dict[str, str]:
    return {
        "name": run.name,
        "value": decimals(run.objective),
        "rows": f"{searched.data.get('valid', 0):,}",
        "test": number(_test(run)).text,
    }


def _test(run: Tried) -> float | None:
    return run.metrics.get("test_accuracy_all", run.metrics.get("test_accuracy"))


def _trials(searched: Searched, texts: Texts) -> Iterator[Block]:
    changing = shortened(knob.name for knob in knobs(searched.group.tried) if knob.name != "architecture")
    place = {run.run_id: number for number, run in enumerate(searched.finished)}
    ordered = sorted(searched.group.tried, key=lambda run: place.get(run.run_id, len(place)))
    headings = ("trial", "architecture", "status", "valid", "test", "training", "milliseconds", "weights", "changed")
    yield Table(
        "trials",
        texts.say("section_trials"),
        [texts.say(name) for name in headings],
        [_trial(run, changing, texts) for run in ordered],
        best=[0] if searched.finished else [],
        filtered=True,
        left=(1, 2),
    )


def _trial(run: Tried, changing: Mapping[str, str], texts: Texts) -> list[Cell]:
    changed = label({name: value for name, value in settings(run).items() if name in changing}, changing)
    weights = run.metrics.get("weights")
    return [
        Cell(f"#{run.tags['number']}", float(run.tags["number"])) if "number" in run.tags else Cell(run.name),
        Cell(run.tags.get("architecture", "–")),
        Cell(_status(run, texts)),
        number(run.objective),
        number(_test(run)),
        number(run.seconds, 1),
        number(run.metrics.get(SPEED), 2),
        Cell("–") if weights is None else Cell(f"{weights:,.0f}", weights),
        Cell(changed, long=True),
    ]


def _status(run: Tried, texts: Texts) -> str:
    """How a run ended, and why where it did not finish: reasons are names of the sweep's own, in every language."""
    status = texts.say(f"status_{run.status}")
    return f"{status} ({run.tags['reason']})" if "reason" in run.tags and run.status != "FINISHED" else status


def _cost(searched: Searched, texts: Texts) -> Iterator[Block]:
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
        caption = texts.say("search_cost")
        axes = charts.Axes(texts.say("seconds"), texts.say("valid_accuracy"), log=True)
        yield Figure(charts.scatter(drawn, axes, order=list(groups), alt=caption), caption)


def _curves(searched: Searched, texts: Texts) -> Iterator[Block]:
    named = {run.run_id: run.tags.get("architecture", "–") for run in searched.group.tried}
    series = {
        named[run_id]: [(epoch + 1.0, value) for epoch, value in enumerate(curve)]
        for run_id, curve in searched.curves.items()
        if len(curve) > 1
    }
    if series:
        caption = texts.say("search_curves")
        axes = charts.Axes(texts.say("epoch"), texts.say("valid_accuracy"), whole=True)
        yield Figure(charts.lines(series, axes, order=list(searched.by_architecture), alt=caption), caption)


def _budgets(searched: Searched, texts: Texts) -> Iterator[Block]:
    found = {}
    for name, its in searched.by_architecture.items():
        judged = [run for run in its if run.objective is not None]
        if len(judged) > 1:
            found[name] = expected_best([run.objective or 0.0 for run in judged], [run.seconds for run in judged])
    for what in ("trials", "seconds"):
        series = {name: [(getattr(each, what), each.expected) for each in points] for name, points in found.items()}
        if series:
            caption, timed = texts.say(f"budget_{what}"), what == "seconds"
            axes = charts.Axes(texts.say(what), texts.say("valid_accuracy"), log=timed, whole=not timed)
            yield Figure(charts.lines(series, axes, order=list(searched.by_architecture), alt=caption), caption)


def _knobs(searched: Searched, texts: Texts) -> Iterator[Block]:
    """One picture an architecture, the knobs that matter first; none below five trials."""
    for name, its in searched.by_architecture.items():
        judged = [run for run in its if run.objective is not None]
        found = knobs(judged)
        if len(judged) < LEAST_TRIALS or not found:
            continue
        shares = importances(judged, found)
        found.sort(key=lambda knob: -shares.get(knob.name, 0.0))
        yield Heading(name)
        if shares:
            rows = [[Cell(knob), number(share, 3)] for knob, share in shares.items()]
            caption = texts.say("importances", architecture=name, count=len(judged))
            yield Table(f"knobs-{name}", caption, [texts.say("knob"), texts.say("importance")], rows)
        yield _parallel(name, judged, found[:MOST_KNOBS], texts)


def _parallel(name: str, judged: Sequence[Tried], shown: Sequence[Knob], texts: Texts) -> Figure:
    values = [run.objective or 0.0 for run in judged]
    least, most = min(values), max(values)
    good = [(value - least) / (most - least) if most > least else 1.0 for value in values]
    places: list[Sequence[float | None]] = [*(knob.places() for knob in shown), good]
    rows = [(good[row], [axis[row] for axis in places]) for row in range(len(judged))]
    axes = [*(knob.name.rpartition(".")[2][:14] for knob in shown), texts.say("valid")]
    caption = texts.say("parallel", architecture=name)
    ends = [
        *((low[:10], high[:10]) for low, high in (knob.ends() for knob in shown)),
        (decimals(least), decimals(most)),
    ]
    return Figure(charts.parallel(axes, rows, ends, alt=caption), caption)


def _failures(searched: Searched, texts: Texts) -> Iterator[Block]:
    reasons = Counter(_status(run, texts) for run in searched.group.tried if run.status != "FINISHED")
    if not reasons:
        yield Words(texts.say("failures_none"))
        return
    rows = [[Cell(reason, long=True), Cell(str(count), count)] for reason, count in reasons.most_common()]
    yield Table("failures", texts.say("section_failures"), [texts.say("failure"), texts.say("count")], rows)
    pruned = [run for run in searched.group.tried if run.tags.get("reason") == "pruned"]
    if pruned:
        yield Words(
            texts.say(
                "pruned", pruned=len(pruned), all=len(searched.group.tried), seconds=texts.lasting(_saved(searched))
            )
        )


def _saved(searched: Searched) -> float:
    saved = 0.0
    for its in searched.by_architecture.values():
        whole = [run.seconds for run in its if run.status == "FINISHED"]
        if whole:
            typical = median(whole)
            saved += sum(max(0.0, typical - run.seconds) for run in its if run.tags.get("reason") == "pruned")
    return saved


def _data(searched: Searched, texts: Texts) -> Iterator[Block]:
    about = {"name": "–", "language": "–", "licence": "–", "sha256": "–"} | dict(searched.about)
    yield Words(texts.say("data_licence", **about))
    rows = [[Cell(part), Cell(f"{count:,}", count)] for part, count in searched.data.items()]
    if rows:
        yield Table("data", texts.say("section_data"), [texts.say("data_part"), texts.say("data_rows")], rows)
    commits = {run.tags.get("mlflow.source.git.commit", "") for run in searched.group.tried} - {""}
    if commits:
        yield Words(texts.say("commit", commit=", ".join(sorted(commits))))


def _commands(searched: Searched, texts: Texts) -> Iterator[Block]:
    yield Words(texts.say("commands_run" if searched.alone else "commands_search"))
    best = {its[0].tags.get("architecture"): its[0] for its in searched.by_architecture.values() if its}
    lines = []
    for run in best.values():
        overrides = project.overrides_in(run.tags.get("overrides", ""))
        lines.append(shlex.join(project.typed(project.one_run(overrides))))
    yield Code(lines)
