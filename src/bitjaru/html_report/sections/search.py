"""What the report says of a search or a grid, out of its runs in MLflow."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median

from bitjaru import project
from bitjaru.html_report.blocks import Block, Cell, Code, Section, Table, Words, number, speed
from bitjaru.html_report.knobs import settings
from bitjaru.html_report.language import Texts
from bitjaru.html_report.sections import search_figures
from bitjaru.html_report.sources import CURVE, Searched, ties
from bitjaru.reporting.overrides import differing, label, shortened
from bitjaru.reporting.statistics import wilson
from bitjaru.reporting.wording import decimals
from bitjaru.tracking.registry.last_group import Tried
from bitjaru.tracking.registry.single_runs import Profile

SPEED = "milliseconds_per_review"


def sections(searched: Searched, texts: Texts) -> list[Section]:
    """Returns the sections, the verdict first."""
    made = (
        ("verdict", _verdict),
        ("trials", _trials),
        ("cost", search_figures.cost_figures),
        ("curves", search_figures.curve_figures),
        ("budgets", search_figures.budget_figures),
        ("knobs", search_figures.knob_figures),
        ("failures", _failures),
        ("data", _data),
        ("commands", _commands),
    )
    titles = {"trials": "trial"} if searched.alone else {}
    return [
        Section(texts.say(f"section_{titles.get(name, name)}"), list(blocks(searched, texts))) for name, blocks in made
    ]


def _verdict(searched: Searched, texts: Texts) -> Iterator[Block]:
    finished = searched.finished
    if not finished:
        yield Words(texts.say("search_none"), "verdict")
        return
    best = finished[0]
    if searched.alone:
        what = texts.figure(searched.objective)
        rows = {part: its.rows for part, its in searched.data.items()}
        value = _figure(best.objective, rows.get("valid", 0), texts, known=searched.objective == CURVE)
        test = _figure(_test(best), rows.get("test", 0), texts)
        yield Words(texts.say("run_figures", name=best.name, what=what, value=value, test=test), "verdict")
        return
    first = texts.say(
        "search_best",
        finished=len(finished),
        name=f"#{best.tags.get('number', '–')} {best.tags.get('architecture', '')}",
        what=texts.figure(searched.objective),
        value=decimals(best.objective),
        rows=f"{searched.valid_rows:,}",
    )
    if searched.objective != CURVE:  # of a loss no interval is known
        yield Words(first, "verdict")
        return
    equal = ties(searched)
    second = texts.say("search_ties", ties=len(equal)) if equal else texts.say("search_alone")
    yield Words(f"{first} {second}", "verdict")


def _figure(value: float | None, rows: int, texts: Texts, *, known: bool = True) -> str:
    """A figure with its 95 % interval, where one is known, and the reviews that it is of."""
    if value is None or not rows:
        return decimals(value)
    return texts.say("of_reviews", value=str(wilson(value, rows)) if known else decimals(value), rows=f"{rows:,}")


def _test(run: Tried) -> float | None:
    return run.metrics.get("test_accuracy_all", run.metrics.get("test_accuracy"))


def _trials(searched: Searched, texts: Texts) -> Iterator[Block]:
    tried = searched.group.tried
    changed = differing([project.overrides_in(run.tags.get("overrides", "")) for run in tried])
    names = shortened(key for run in tried for key in settings(run))
    told = {run.run_id: label(its, names) for run, its in zip(tried, changed, strict=True)}
    place = {run.run_id: number for number, run in enumerate(searched.finished)}
    ordered = sorted(searched.group.tried, key=lambda run: place.get(run.run_id, len(place)))
    headings = ["trial", "architecture", "status", "valid", "test", "training", "milliseconds", "weights"]
    alone = searched.alone
    yield Table(
        "trials",
        texts.say("trial_how" if alone else "trials_how", what=texts.figure(searched.objective)),
        [texts.say(name) for name in ("run", *headings[1:])]
        if alone
        else [texts.say(name) for name in (*headings, "changed")],
        [_trial(run, texts) + ([] if alone else [Cell(told[run.run_id], long=True)]) for run in ordered],
        best=[0] if searched.finished and not alone else [],
        filtered=not alone,
        left=(1, 2, 8),
    )


def _trial(run: Tried, texts: Texts) -> list[Cell]:
    weights = run.metrics.get("weights")
    return [
        Cell(f"#{run.tags['number']}", float(run.tags["number"])) if "number" in run.tags else Cell(run.name),
        Cell(run.tags.get("architecture", "–")),
        Cell(_status(run, texts)),
        number(run.objective),
        number(_test(run)),
        number(run.seconds, 1),
        speed(run.metrics.get(SPEED)),
        Cell("–") if weights is None else Cell(f"{weights:,.0f}", weights),
    ]


def _status(run: Tried, texts: Texts) -> str:
    """How a run ended, and why where it did not finish: reasons are names of the sweep's own, in every language."""
    status = texts.say(f"status_{run.status}")
    return f"{status} ({run.tags['reason']})" if "reason" in run.tags and run.status != "FINISHED" else status


def _failures(searched: Searched, texts: Texts) -> Iterator[Block]:
    reasons = Counter(_status(run, texts) for run in searched.group.tried if run.status != "FINISHED")
    if not reasons:
        if not searched.alone:
            yield Words(texts.say("failures_none"))
        return
    rows = [[Cell(reason, long=True), Cell(str(count), count)] for reason, count in reasons.most_common()]
    yield Table("failures", texts.say("failures_how"), [texts.say("failure"), texts.say("count")], rows)
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
    yield Words(texts.say("data_licence", **about | {"language": texts.tongue(about["language"])}))
    if searched.data:
        yield _parts(searched.data, texts)
    commits = {run.tags.get("mlflow.source.git.commit", "") for run in searched.group.tried} - {""}
    if commits:
        yield Words(texts.say("commit", commit=", ".join(sorted(commits))))


def _parts(data: Mapping[str, Profile], texts: Texts) -> Table:
    rows = [
        [
            Cell(part),
            Cell(f"{its.rows:,}", its.rows),
            Cell(", ".join(f"{name} {count / (its.rows or 1):.1%}" for name, count in its.labels.items()) or "–"),
            Cell(" / ".join(f"{length:,.0f}" for length in its.characters.values()) or "–"),
        ]
        for part, its in data.items()
    ]
    headings = ("data_part", "data_rows", "data_labels", "data_characters")
    return Table("data", texts.say("search_data"), [texts.say(name) for name in headings], rows, left=(2,))


def _commands(searched: Searched, texts: Texts) -> Iterator[Block]:
    yield Words(texts.say("commands_run" if searched.alone else "commands_search"))
    best = {its[0].tags.get("architecture"): its[0] for its in searched.by_architecture.values() if its}
    lines = []
    for run in best.values():
        overrides = project.overrides_in(run.tags.get("overrides", ""))
        lines.append(shlex.join(project.typed(project.one_run(overrides))))
    yield Code(lines)
