"""What finals say first: who is best, by how much, and how sure that is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bitjaru.finals.analysis.verdicts import worth_telling
from bitjaru.html_report import charts
from bitjaru.html_report.blocks import Block, Cell, Figure, Points, Table, Words, number
from bitjaru.html_report.language import Texts

Record = Mapping[str, Any]
TURNED = {"better": "worse", "worse": "better"}


def spoken(record: Record, texts: Texts) -> str:
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
    """Says how two finalists stand to each other, the one with the better mean first; what would decide, if nothing."""
    value, low, high = pair["difference"]
    said = texts.say(
        "better_small" if _small(pair) else str(pair["word"]),
        one=pair["one"],
        other=pair["other"],
        gap=f"{100 * value:z.2f}",
        low=f"{100 * low:+z.2f}",
        high=f"{100 * high:+z.2f}",
        p=f"{pair['holm']:.2g}",
        margin=f"{100 * record['plan']['margin']:g}",
    )
    needs = pair.get("needs")  # older finals do not say
    if needs is None:
        return said
    return f"{said} {texts.say('needs_reviews' if needs == 'reviews' else 'needs_seeds', seeds=needs)}"


def verdict(record: Record, texts: Texts) -> Iterator[Block]:
    """Yields the verdict, the means with their differences to the best, and how they came about."""
    finalists = record["finalists"]
    yield Words(spoken(record, texts), "verdict")
    found = {(pair["one"], pair["other"]): pair for pair in record["verdicts"]}
    names = [each["name"] for each in finalists]
    _, *others = worth_telling(names, lambda one, other: str(found[one, other]["word"]))
    if others:
        yield Points([sentence(found[pair], record, texts) for pair in others])
    best = names[0]
    to_best = {pair["other"]: pair for pair in record["verdicts"] if pair["one"] == best}
    headings = ("finalist", "accuracy", "interval", "to_best", "interval", "holm", "verdict")
    yield Table(
        "finalists",
        texts.say("means"),
        [texts.say(name) for name in headings],
        [_finalist(each, to_best.get(each["name"]), texts) for each in finalists],
        best=[0],
        left=(6,),
    )
    gaps = [(name, *_turned(pair["difference"])) for name, pair in to_best.items()]
    caption = texts.say("differences", best=best)
    yield Figure(charts.intervals(gaps, label=texts.say("points"), zero=True, alt=caption), caption)
    yield Words(texts.say("finals_how", margin=f"{100 * record['plan']['margin']:g}"), "soft")
    if record.get("ensemble"):
        shares = ", ".join(f"{name} {share:.0%}" for name, share in record["ensemble"].items())
        yield Words(texts.say("ensemble_shares", shares=shares), "soft")
    if (told := _spent(record, texts)) is not None:
        yield Words(told, "soft")


def pairs(record: Record, texts: Texts) -> Iterator[Block]:
    """Yields the table of all pairs."""
    rows = []
    for pair in record["verdicts"]:
        value, low, high = (100 * each for each in pair["difference"])
        rows.append(
            [
                Cell(f"{pair['one']} – {pair['other']}"),
                Cell(f"{value:+z.2f}", value),
                Cell(f"[{low:+z.2f}, {high:+z.2f}]", low),
                Cell(f"{pair['wins']:.0%}", pair["wins"]),
                Cell(f"{pair['p']:.3g}", pair["p"]),
                Cell(f"{pair['holm']:.3g}", pair["holm"]),
                Cell(_word(pair, str(pair["word"]), texts)),
            ]
        )
    headings = [texts.say(name) for name in ("pair", "points", "interval", "wins", "p", "holm", "verdict")]
    yield Table("pairs", texts.say("pairs_how"), headings, rows, filtered=len(rows) > 10, left=(6,))


def _finalist(each: Record, pair: Record | None, texts: Texts) -> list[Cell]:
    value, low, high = each["mean"]
    own = [Cell(each["name"]), number(value), Cell(f"[{low:.4f}, {high:.4f}]", low)]
    if pair is None:
        return [*own, *[Cell("–")] * 3, Cell(texts.say("word_best"))]
    gap, least, most = _turned(pair["difference"])
    return [
        *own,
        Cell(f"{gap:+z.2f}", gap),
        Cell(f"[{least:+z.2f}, {most:+z.2f}]", least),
        Cell(f"{pair['holm']:.3g}", pair["holm"]),
        Cell(_word(pair, TURNED.get(pair["word"], str(pair["word"])), texts)),
    ]


def _word(pair: Record, word: str, texts: Texts) -> str:
    said = texts.say(f"word_{word}")
    needs = pair.get("needs")
    if needs is not None:
        return f"{said} ({texts.say('more_reviews' if needs == 'reviews' else 'more_seeds', seeds=needs)})"
    return f"{said} ({texts.say('below_margin')})" if _small(pair) else said


def _small(pair: Record) -> bool:
    return pair["word"] in TURNED and "margin" in pair["told"]


def _turned(difference: Sequence[float]) -> tuple[float, float, float]:
    """In points, seen from the other side."""
    value, low, high = difference
    return -100 * value, -100 * high, -100 * low


def _spent(record: Record, texts: Texts) -> str | None:
    """Whether the search spent the same on each, in trials; seconds are never the same."""
    searched = [each for each in record["plan"]["finalists"] if each["run_id"]]
    if len(searched) < 2:
        return None
    quickest, slowest = (choose(searched, key=lambda each: each["seconds"]) for choose in (min, max))
    trials = {each["trials"] for each in searched}
    return texts.say(
        "unequal" if len(trials) > 1 else "equal",
        trials=max(trials),
        fewest=min(trials),
        least=f"{quickest['seconds']:,.0f}",
        quickest=quickest["name"],
        most=f"{slowest['seconds']:,.0f}",
        slowest=slowest["name"],
    )
