"""What the report says of the reviews themselves: which ones finalists get wrong, and what the data is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bitjaru.html_report.blocks import Block, Cell, Table, Words, number
from bitjaru.html_report.language import Texts

Record = Mapping[str, Any]
CHARACTERS = 160  # of a review that is shown


def mistakes(record: Record, texts: Texts) -> Iterator[Block]:
    """Yields on which kinds of reviews finalists err, and the reviews that all get wrong."""
    found = record["mistakes"]
    names = found["finalists"]
    kinds = [
        f"{texts.say('kind_' + kind['name'], limit=kind['limit'])} ({kind['reviews']:,})" for kind in found["kinds"]
    ]
    rows = [
        [Cell(name), *(number(kind["wrong"][place]) for kind in found["kinds"])] for place, name in enumerate(names)
    ]
    yield Table("kinds", texts.say("mistakes_kinds"), [texts.say("finalist"), *kinds], rows)
    alone = ", ".join(f"{name} {count:,}" for name, count in zip(names, found["by_one"], strict=True))
    yield Words(texts.say("mistakes_shared", all=f"{found['by_all']:,}", alone=alone))
    yield from _examples(record, texts)


def data(record: Record, texts: Texts) -> Iterator[Block]:
    """Yields counts, lengths, the licence and the sum of the data, and the commit of the code."""
    kept = record["data"]
    if "rows" in kept:
        yield _parts(kept, texts)
    yield Words(
        texts.say(
            "data_licence",
            name=kept["name"],
            language=texts.tongue(kept["language"]),
            licence=kept["licence"] or "–",
            sha256=kept["sha256"],
        )
    )
    if record["plan"]["commit"]:
        yield Words(texts.say("commit", commit=record["plan"]["commit"]))


def _examples(record: Record, texts: Texts) -> Iterator[Block]:
    found, classes = record["mistakes"], record["data"]["classes"]
    explained = found.get("explained")
    moved = [texts.say("moved", name=explained)] if explained else []
    rows = [
        [
            Cell(_beginning(each["text"]), long=True),
            Cell(classes[each["truth"]]),
            *([Cell(_moved(each["moved"]), long=True)] if explained else []),
            *(number(share, 2) for share in each["wrong"]),
        ]
        for each in found["examples"]
    ]
    if rows:
        headings = [texts.say("text"), texts.say("truth"), *moved, *found["finalists"]]
        left = (1, 2) if explained else (1,)
        steep = range(len(left) + 1, len(headings))
        yield Table("examples", texts.say("mistakes_examples"), headings, rows, left=left, steep=steep)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CHARACTERS else line[: CHARACTERS - 1] + "…"


def _moved(tokens: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{token} {100 * moved:+.1f}" for token, moved in tokens) or "–"


def _parts(kept: Mapping[str, Any], texts: Texts) -> Table:
    """Counts are of the reviews that finals used, lengths and labels of all that the data set has."""
    headings = ["data_part", "data_rows", "data_all", "data_labels", "data_characters", "data_words"]
    rows = [
        [
            Cell(part),
            Cell(f"{count:,}", count),
            Cell(f"{sum(kept['labels'][part]):,}", sum(kept["labels"][part])),
            Cell(_labels(kept["classes"], kept["labels"][part])),
            *(Cell(" / ".join(f"{each:,.0f}" for each in kept["lengths"][unit][part])) for unit in kept["lengths"]),
        ]
        for part, count in kept["rows"].items()
        if part in kept["labels"]
    ]
    return Table("data", texts.say("data_card"), [texts.say(name) for name in headings], rows, left=(3,))


def _labels(classes: Sequence[str], counts: Sequence[int]) -> str:
    total = sum(counts) or 1
    return ", ".join(f"{name} {count / total:.1%}" for name, count in zip(classes, counts, strict=False))
