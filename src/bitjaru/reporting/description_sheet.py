"""The description of a data set as something to read."""

from collections.abc import Callable

from bitjaru.reporting import wording
from bitjaru.reporting.description import PERCENTILES, Description, Part
from bitjaru.reporting.sheet import Column, Sheet, csv_text
from bitjaru.reporting.wording import MISSING


def sheet(described: Description) -> Sheet:
    """Returns a table with a column for each part. It fits 80 columns."""
    measures: list[tuple[str, Callable[[Part], str]]] = [
        ("rows", lambda part: wording.count(part.rows + part.too_few_tokens)),
        ("with too few tokens", lambda part: wording.count(part.too_few_tokens)),
        ("kept", lambda part: wording.count(part.rows)),
        *((f"label {name}", _label(number)) for number, name in enumerate(described.classes)),
        ("tokens, mean", lambda part: _tokens(part.mean)),
        ("tokens, median", lambda part: _tokens(part.median)),
        *((f"tokens, {each} %", _percentile(each)) for each in PERCENTILES),
        ("tokens, longest", lambda part: wording.count(part.longest)),
        (f"longer than {described.max_len:,}", lambda part: wording.percent(part.cut, part.rows)),
        ("unknown tokens", lambda part: wording.percent(part.unknown, part.tokens)),
    ]
    return Sheet(
        title=f"{described.name} · {sum(described.read.values()):,} rows read",
        columns=[Column("", figures=False), *(Column(name) for name in described.parts)],
        rows=[[name, *(cell(part) for part in described.parts.values())] for name, cell in measures],
        notes=_notes(described),
    )


def csv(described: Description) -> str:
    """Returns one line of CSV a part, figures in full."""
    return csv_text([{"part": name, **_record(part, described)} for name, part in described.parts.items()])


def _notes(described: Description) -> list[str]:
    read = ", ".join(f"{name} {wording.count(rows)}" for name, rows in described.read.items())
    dropped = ", ".join(f"{wording.count(rows)} {reason}" for reason, rows in described.dropped.items() if rows)
    specials = " and ".join(described.specials)
    return [
        f"Read: {read}. Dropped before splitting: {dropped or 'none'}.",
        f"Vocabulary: {wording.count(described.vocabulary)} words of the training part, {specials} among them.",
        f"Data: sha256 {described.sha256[:12]}…, licence: {described.licence}.",
    ]


def _record(part: Part, described: Description) -> dict[str, object]:
    labels = {f"label_{name}": rows for name, rows in zip(described.classes, part.labels, strict=True)}
    percentiles = {f"tokens_{each}_percent": value for each, value in part.percentiles.items()}
    return {
        "rows": part.rows,
        "too_few_tokens": part.too_few_tokens,
        **labels,
        "tokens_mean": part.mean,
        "tokens_median": part.median,
        **percentiles,
        "tokens_longest": part.longest,
        "max_len": described.max_len,
        "longer_than_max_len": part.cut,
        "tokens": part.tokens,
        "unknown_tokens": part.unknown,
    }


def _label(number: int) -> Callable[[Part], str]:
    return lambda part: f"{wording.count(part.labels[number])} ({wording.percent(part.labels[number], part.rows)})"


def _percentile(each: int) -> Callable[[Part], str]:
    return lambda part: _tokens(part.percentiles.get(each))


def _tokens(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")
