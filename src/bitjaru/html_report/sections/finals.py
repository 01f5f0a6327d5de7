"""What the report says of finals, out of the one file that they keep."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median
from typing import Any

from bitjaru.finals.finalists import seeded
from bitjaru.html_report import charts
from bitjaru.html_report.blocks import Block, Cell, Code, Figure, Section, Table, Words, number, speed
from bitjaru.html_report.language import Texts
from bitjaru.html_report.scales import Axes
from bitjaru.html_report.sections import reviews, verdict

Record = Mapping[str, Any]


def sections(record: Record, texts: Texts) -> list[Section]:
    """Returns the sections, the verdict first."""
    made = (
        ("verdict", verdict.verdict),
        ("pairs", verdict.pairs),
        ("cost", _cost),
        ("curves", _curves),
        ("learning", _learning),
        ("budgets", _budgets),
        ("calibration", _calibration),
        ("mistakes", reviews.mistakes),
        ("data", reviews.data),
        ("commands", _commands),
    )
    return [Section(texts.say(f"section_{name}"), list(blocks(record, texts))) for name, blocks in made]


def _cost(record: Record, texts: Texts) -> Iterator[Block]:
    """What each costs, and who is on the front: nobody is both cheaper and more accurate."""
    finalists = record["finalists"]
    headings = ("finalist", "accuracy", "milliseconds", "training", "weights", "megabytes")
    rows = [
        [
            Cell(each["name"]),
            number(each["mean"][0]),
            speed(_middle(each["milliseconds"])),
            number(_middle(each["seconds"]), 1),
            Cell("–") if each["weights"] is None else Cell(f"{each['weights']:,}", each["weights"]),
            number(each.get("megabytes"), 1),
        ]
        for each in finalists
    ]
    yield Table("costs", texts.say("costs"), [texts.say(name) for name in headings], rows)
    for what in ("milliseconds", "seconds"):
        groups = {each["name"]: _costed(each, what, texts) for each in finalists if each[what]}
        if not groups:
            continue
        middle = {
            name: (_middle([at for at, _, _ in its]) or 0.0, fmean(y for _, y, _ in its))
            for name, its in groups.items()
        }
        kept = front(middle)
        caption = texts.say(f"finals_cost_{what}", front=", ".join(kept))
        axes = Axes(texts.say("training" if what == "seconds" else what), texts.say("accuracy"), log=True)
        drawn = charts.scatter(groups, axes, order=list(groups), alt=caption, front=[middle[name] for name in kept])
        yield Figure(drawn, caption)


def front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """Returns the names whose cost and accuracy no other one beats in both, the cheapest first.

    Args:
        points: Cost and accuracy, by name.
    """
    kept: list[str] = []
    for name in sorted(points, key=lambda each: (points[each][0], -points[each][1])):
        if not kept or points[name][1] > points[kept[-1]][1]:
            kept.append(name)
    return kept


def _costed(each: Record, what: str, texts: Texts) -> list[tuple[float, float, str]]:
    unit = texts.say("training" if what == "seconds" else what)
    return [
        (cost, accuracy, f"{each['name']}: {texts.say('accuracy')} {accuracy:.4f}, {unit} {cost:,.3g}")
        for cost, accuracy in zip(each[what], each["seeds"], strict=True)
    ]


def _middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _curves(record: Record, texts: Texts) -> Iterator[Block]:
    series = {each["name"]: _mean_curve(each["curve"]) for each in record["finalists"]}
    longer = {name: points for name, points in series.items() if len(points) > 1}
    if longer:
        caption, axes = (
            texts.say("finals_curves"),
            Axes(texts.say("epoch"), texts.say("valid_accuracy"), whole=True),
        )
        yield Figure(charts.lines(longer, axes, order=_order(record), alt=caption), caption)


def _learning(record: Record, texts: Texts) -> Iterator[Block]:
    curves = record.get("learning")
    if not curves:
        return
    series = {
        name: [(float(point["rows"]), fmean(point["accuracies"])) for point in points]
        for name, points in curves.items()
    }
    points = next(iter(curves.values()))
    caption = texts.say("finals_learning", seeds=len(points[0]["accuracies"]))
    axes = Axes(texts.say("train_rows"), texts.say("accuracy"), log=True)
    yield Figure(charts.lines(series, axes, order=_order(record), alt=caption), caption)
    rows = [[Cell(name), *(number(value) for _, value in series[name])] for name in _order(record) if name in series]
    headings = [f"{point['fraction']:.0%} ({point['rows']:,})" for point in points]
    yield Table("learning", texts.say("learning_how"), [texts.say("finalist"), *headings], rows)


def _mean_curve(curves: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """As far as more than half of the seeds went."""
    epochs = sorted(map(len, curves))[len(curves) // 2]
    return [
        (float(epoch + 1), fmean(curve[epoch] for curve in curves if len(curve) > epoch)) for epoch in range(epochs)
    ]


def _budgets(record: Record, texts: Texts) -> Iterator[Block]:
    budgets = {name: points for name, points in record["budgets"].items() if points}
    searched = [each for each in record["plan"]["finalists"] if each["run_id"]]
    if searched:
        rows = [
            [
                Cell(each["name"]),
                number(each["trials"], 0),
                number(each["seconds"], 0),
                number(each["objective"]),
            ]
            for each in searched
        ]
        headings = [texts.say(name) for name in ("finalist", "trials", "seconds", "valid_accuracy")]
        yield Table("budgets", texts.say("budgets"), headings, rows)
    if not any(len(points) > 1 for points in budgets.values()):
        return
    for what in ("trials", "seconds"):
        series = {name: [(each[what], each["expected"]) for each in points] for name, points in budgets.items()}
        caption, timed = texts.say(f"budget_{what}", what=texts.say("valid_accuracy")), what == "seconds"
        axes = Axes(texts.say(what), texts.say("valid_accuracy"), log=timed, whole=not timed)
        yield Figure(charts.lines(series, axes, order=_order(record), alt=caption), caption)


def _calibration(record: Record, texts: Texts) -> Iterator[Block]:
    series = {
        each["name"]: [(one["confidence"], one["accuracy"]) for one in each["calibration"]]
        for each in record["finalists"]
    }
    caption = texts.say("calibration")
    headings = [texts.say("finalist"), texts.say("calibration_error")]
    rows = [[Cell(each["name"]), number(each["calibration_error"])] for each in record["finalists"]]
    yield Table("calibration", texts.say("calibration_errors"), headings, rows)
    axes = Axes(texts.say("confidence"), texts.say("share_right"), diagonal=True)
    yield Figure(charts.lines(series, axes, order=_order(record), alt=caption), caption)


def _commands(record: Record, texts: Texts) -> Iterator[Block]:
    yield Words(texts.say("commands_finals"))
    plan = record["plan"]
    own = f"bitjaru finals --search {','.join(plan['groups'])} --seeds {len(plan['seeds'])} --margin {plan['margin']:g}"
    # Whoever took part, and nobody else of the search: the first is the best in validation.
    own += f" --top 1 --against {','.join(each['name'] for each in plan['finalists'][1:])}"
    own += f" --fractions {shlex.quote(','.join(f'{each:g}' for each in plan.get('fractions', ())))}"
    own += " --ensemble" if plan.get("ensemble") else ""
    loop = f"for N in {' '.join(map(str, plan['seeds']))}; do"
    runs = [_with_any_seed(each["commands"][0], plan["seeds"][0]) for each in record["finalists"] if each["commands"]]
    yield Code([own])
    yield Code([loop, *(f"  {run}" for run in runs), "done"])


def _with_any_seed(command: str, seed: int) -> str:
    """A run's command with the loop's N where its seed stands."""
    for setting in seeded(seed):
        command = command.replace(f" {setting}", f" {setting.removesuffix(str(seed))}$N")
    return command


def _order(record: Record) -> list[str]:
    return [each["name"] for each in record["finalists"]]
