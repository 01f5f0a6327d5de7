"""What a report is made of, before it is HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from bitjaru.reporting.wording import milliseconds


@dataclass(frozen=True)
class Words:
    """A paragraph; `verdict` stands out, `soft` steps back."""

    text: str
    look: Literal["plain", "verdict", "soft"] = "plain"
    kind: str = "words"


@dataclass(frozen=True)
class Points:
    """Sentences under each other."""

    lines: Sequence[str]
    kind: str = "points"


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    kind: str = "heading"


@dataclass(frozen=True)
class Cell:
    """A table's cell: what it says, what it is sorted by where that is another thing, and whether it may be broken."""

    text: str
    value: float | None = None
    long: bool = False


@dataclass(frozen=True)
class Table:
    """A table that can be read as it is, and sorted and filtered where scripts run.

    Attributes:
        name: Of its element, unique on the page.
        caption: Stands above.
        headings: K of them.
        rows: Each of K cells.
        best: Rows that stand out, by number.
        filtered: Whether it has a filter.
        left: Columns whose words stand to the left, by number; the first does anyway.
        steep: Columns whose headings stand upright, by number: names above short figures.
    """

    name: str
    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    best: Sequence[int] = ()
    filtered: bool = False
    left: Sequence[int] = ()
    steep: Sequence[int] = ()
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """A chart with what it shows in words."""

    svg: str
    caption: str
    kind: str = "figure"


@dataclass(frozen=True)
class Code:
    """Lines to be copied."""

    lines: Sequence[str]
    kind: str = "code"


Block = Words | Points | Heading | Table | Figure | Code


@dataclass(frozen=True)
class Section:
    """A part of the report that the table of contents names."""

    title: str
    blocks: Sequence[Block] = field(default=())


def speed(value: float | None) -> Cell:
    """Returns milliseconds as a cell."""
    return Cell(milliseconds(value), value)


def number(value: float | None, digits: int = 4) -> Cell:
    """Returns a figure as a cell."""
    return Cell("–") if value is None else Cell(f"{value:.{digits}f}", value)
