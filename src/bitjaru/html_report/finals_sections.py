"""What the report says of finals, out of the one file that they keep."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from bitjaru.html_report import charts, review_sections
from bitjaru.html_report.blocks import Block, Cell, Code, Figure, Section, Table, Words, number
from bitjaru.html_report.language import Texts

Record = Mapping[str, Any]
MOST_COMMANDS = 200


def sections(record: Record, texts: Texts) -> list[Section]:
    """Returns the sections, the verdict first."""
    made = (
        ("verdict", _verdict),
        ("pairs", _pairs),
        ("cost", _cost),
        ("curves", _curves),
        ("learning", _learning),
        ("budgets", _budgets),
        ("calibration", _calibration),
        ("mistakes", review_sections.mistakes),
        ("data", review_sections.data),
        ("commands", _commands),
    )
    return [Section(texts.say(f"section_{name}"), list(blocks(record, texts))) for name, blocks in made]


def verdict(record: Record, texts: Texts) -> str:
    """Says in two sentences who is best, and how the next one stands to it."""
    best = record["finalists"][0]
    value, low, high = best["mean"]
    first = texts.say(
        "best_of",
        best=best["name"],
        accuracy=f"{value:.4f}",
        low=f"{low:.4f}",
        high=f"{high:.4f}",
        seeds=len(record["plan"]["seeds"]),
        reviews=f"{record['reviews']:,}",
    )
    return f"{first} {sentence(record['verdicts'][0], record, texts)}"


def sentence(pair: Record, record: Record, texts: Texts) -> str:
    """Says how two finalists stand to each other, the one with the better mean first."""
    value, low, high = pair["difference"]
    margin = record["plan"]["margin"]
    words: dict[str, str] = {"better": "better_small" if "margin" in pair["told"] else "better"}
    return texts.say(
        words.get(str(pair["word"]), str(pair["word"])),
        one=pair["one"],
        other=pair["other"],
        gap=f"{100 * value:.2f}",
        low=f"{100 * low:+.2f}",
        high=f"{100 * high:+.2f}",
        p=f"{pair['holm']:.2g}",
        margin=f"{100 * margin:g}",
    )


def _verdict(record: Record, texts: Texts) -> Iterator[Block]:
    finalists = record["finalists"]
    yield Words(verdict(record, texts), "verdict")
    following = {(one["name"], other["name"]) for one, other in pairwise(finalists[1:])}
    said = [sentence(pair, record, texts) for pair in record["verdicts"] if (pair["one"], pair["other"]) in following]
    if said:
        yield Words(" ".join(said))
    best = finalists[0]["name"]
    to_best = {pair["other"]: pair for pair in record["verdicts"] if pair["one"] == best}
    yield Table(
        "finalists",
        texts.say("means"),
        [
            texts.say(name)
            for name in (
                *("finalist", "accuracy", "interval", "to_best", "interval", "verdict"),
                *("calibration_error", "milliseconds", "training", "weights", "megabytes"),
            )
        ],
        [_finalist(each, to_best.get(each["name"]), texts) for each in finalists],
        best=[0],
    )
    gaps = [(name, *_turned(pair["difference"])) for name, pair in to_best.items()]
    caption = texts.say("differences", best=best)
    yield Figure(charts.intervals(gaps, label=texts.say("points"), zero=True, alt=caption), caption)
    yield Words(texts.say("finals_how", margin=f"{100 * record['plan']['margin']:g}"), "soft")
    if record.get("ensemble"):
        shares = ", ".join(f"{name} {share:.0%}" for name, share in record["ensemble"].items())
        yield Words(texts.say("ensemble_shares", shares=shares), "soft")
    trials = {each["trials"] for each in record["plan"]["finalists"] if each["run_id"]}
    if len(trials) > 1:
        yield Words(texts.say("unequal"), "soft")


def _finalist(each: Record, pair: Record | None, texts: Texts) -> list[Cell]:
    value, low, high = each["mean"]
    gap = [Cell("–"), Cell("–"), Cell("–")]
    if pair is not None:
        turned = _turned(pair["difference"])
        words = {"better": "worse", "worse": "better"}
        gap = [
            Cell(f"{turned[0]:+.2f}", turned[0]),
            Cell(f"[{turned[1]:+.2f}, {turned[2]:+.2f}]"),
            Cell(texts.say(f"word_{words.get(pair['word'], pair['word'])}")),
        ]
    return [
        Cell(each["name"]),
        number(value),
        Cell(f"[{low:.4f}, {high:.4f}]"),
        *gap,
        number(each["calibration_error"]),
        number(median(each["milliseconds"]) if each["milliseconds"] else None, 2),
        number(median(each["seconds"]), 1),
        Cell("–") if each["weights"] is None else Cell(f"{each['weights']:,}", each["weights"]),
        number(each.get("megabytes"), 1),
    ]


def _turned(difference: Sequence[float]) -> tuple[float, float, float]:
    """In points, seen from the other side."""
    value, low, high = difference
    return -100 * value, -100 * high, -100 * low


def _pairs(record: Record, texts: Texts) -> Iterator[Block]:
    rows = []
    for pair in record["verdicts"]:
        value, low, high = (100 * each for each in pair["difference"])
        rows.append(
            [
                Cell(f"{pair['one']} – {pair['other']}"),
                Cell(f"{value:+.2f}", value),
                Cell(f"[{low:+.2f}, {high:+.2f}]"),
                Cell(f"{pair['wins']:.0%}", pair["wins"]),
                Cell(f"{pair['p']:.3g}", pair["p"]),
                Cell(f"{pair['holm']:.3g}", pair["holm"]),
                Cell(texts.say(f"word_{pair['word']}")),
            ]
        )
    headings = [texts.say(name) for name in ("pair", "points", "interval", "wins", "p", "holm", "verdict")]
    yield Table("pairs", texts.say("section_pairs"), headings, rows, filtered=len(rows) > 10)


def _cost(record: Record, texts: Texts) -> Iterator[Block]:
    groups = {
        each["name"]: [
            (seconds, accuracy, f"{each['name']}, {accuracy:.4f}, {seconds:.0f} s")
            for seconds, accuracy in zip(each["seconds"], each["seeds"], strict=True)
        ]
        for each in record["finalists"]
    }
    caption = texts.say("finals_cost")
    axes = charts.Axes(texts.say("seconds"), texts.say("accuracy"), log=True)
    yield Figure(charts.scatter(groups, axes, order=list(groups), alt=caption), caption)


def _curves(record: Record, texts: Texts) -> Iterator[Block]:
    series = {each["name"]: _mean_curve(each["curve"]) for each in record["finalists"]}
    longer = {name: points for name, points in series.items() if len(points) > 1}
    if longer:
        caption, axes = (
            texts.say("finals_curves"),
            charts.Axes(texts.say("epoch"), texts.say("valid_accuracy"), whole=True),
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
    axes = charts.Axes(texts.say("train_rows"), texts.say("accuracy"), log=True)
    yield Figure(charts.lines(series, axes, order=_order(record), alt=caption), caption)
    rows = [[Cell(name), *(number(value) for _, value in series[name])] for name in _order(record) if name in series]
    headings = [f"{point['fraction']:.0%} ({point['rows']:,})" for point in points]
    yield Table("learning", texts.say("section_learning"), [texts.say("finalist"), *headings], rows)


def _mean_curve(curves: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """As far as more than half of the seeds went."""
    epochs = sorted(map(len, curves))[len(curves) // 2]
    return [
        (float(epoch + 1), fmean(curve[epoch] for curve in curves if len(curve) > epoch)) for epoch in range(epochs)
    ]


def _budgets(record: Record, texts: Texts) -> Iterator[Block]:
    budgets = {name: points for name, points in record["budgets"].items() if points}
    if not any(len(points) > 1 for points in budgets.values()):
        return
    for what in ("trials", "seconds"):
        series = {name: [(each[what], each["expected"]) for each in points] for name, points in budgets.items()}
        caption, timed = texts.say(f"budget_{what}"), what == "seconds"
        axes = charts.Axes(texts.say(what), texts.say("valid_accuracy"), log=timed, whole=not timed)
        yield Figure(charts.lines(series, axes, order=_order(record), alt=caption), caption)


def _calibration(record: Record, texts: Texts) -> Iterator[Block]:
    series = {
        each["name"]: [(one["confidence"], one["accuracy"]) for one in each["calibration"]]
        for each in record["finalists"]
    }
    caption = texts.say("calibration")
    axes = charts.Axes(texts.say("confidence"), texts.say("share_right"), diagonal=True)
    yield Figure(charts.lines(series, axes, order=_order(record), alt=caption), caption)


def _commands(record: Record, texts: Texts) -> Iterator[Block]:
    yield Words(texts.say("commands_finals"))
    plan = record["plan"]
    own = f"bitjaru finals --search {','.join(plan['groups'])} --seeds {len(plan['seeds'])} --margin {plan['margin']:g}"
    own += f" --fractions {shlex.quote(','.join(f'{each:g}' for each in plan.get('fractions', ())))}"
    own += " --ensemble" if plan.get("ensemble") else ""
    commands = [command for each in record["finalists"] for command in each["commands"]]
    yield Code([own, *commands[:MOST_COMMANDS]])


def _order(record: Record) -> list[str]:
    return [each["name"] for each in record["finalists"]]
