"""A small table of text that can be shown in a terminal, in Markdown or as plain text."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP = 2
LOG_WIDTH = 160  # of a file that somebody opens later
LONGEST_WORD = 40  # that a column keeps whole, where its cells may be broken
BETWEEN = " · "


@dataclass(frozen=True)
class Column:
    """Its heading; whether it holds figures, which stand to the right; whether its cells may be broken."""

    heading: str
    figures: bool = True
    breaks: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Rows of text under headings. A cell may have several lines.

    Attributes:
        title: Stands above.
        columns: K of them.
        rows: Each of K cells.
        styles: A rich style for each row, or empty.
        notes: Lines below.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    styles: Sequence[str] = ()
    notes: Sequence[str] = field(default=())

    @property
    def width(self) -> int:
        """Columns of a terminal that the table takes when nothing is broken."""
        return sum(self._widths) + GAP * (len(self.columns) - 1)

    @property
    def _widths(self) -> list[int]:
        return [max(_width(cell) for cell in column) for column in self._cells]

    @property
    def _cells(self) -> list[tuple[str, ...]]:
        """Of each column, its heading first."""
        return list(zip(*([column.heading for column in self.columns], *self.rows), strict=True))

    @property
    def narrowest(self) -> int:
        """Columns of a terminal below which a cell that must not be broken would be cut, or a word be broken."""
        least = [
            max(_width(column.heading), min(_word(cells), LONGEST_WORD)) if column.breaks else widest
            for column, cells, widest in zip(self.columns, self._cells, self._widths, strict=True)
        ]
        return sum(least) + GAP * (len(self.columns) - 1)

    @property
    def _leading(self) -> int:
        """A blank line keeps apart rows of several lines."""
        return int(any("\n" in cell for row in self.rows for cell in row))

    def renderable(self, width: int) -> RenderableType:
        """Returns what a rich console of this width prints: a table, or where it does not fit each row by itself."""
        above = [Text(self.title, style="bold"), Text()] if self.title else []
        below = [Text(), *map(Text, self.notes)] if self.notes else []
        return Group(*above, *([self._table()] if self.narrowest <= width else self._records(width)), *below)

    def _table(self) -> RenderableType:
        # The box draws one space between columns itself.
        table = Table(
            box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), leading=self._leading
        )
        for column in self.columns:
            table.add_column(
                Text(column.heading),
                justify="right" if column.figures else "left",
                no_wrap=not column.breaks,
                overflow="fold" if column.breaks else "ellipsis",
                min_width=_width(column.heading) if column.breaks else None,
            )
        for place, row in enumerate(self.rows):
            # Text, not str: rich would take `[ic,jks]` for markup.
            table.add_row(*map(Text, row), style=self.styles[place] if self.styles else None)
        return table

    def _records(self, width: int) -> list[RenderableType]:
        """The first cell of a row, and below it the others, each behind its heading."""
        lines: list[RenderableType] = []
        for place, row in enumerate(self.rows):
            first, *others = (" ".join(cell.split("\n")) for cell in row)
            headings = (column.heading.replace("\n", ", ") for column in self.columns[1:])
            told = [f"{heading}: {cell}" for heading, cell in zip(headings, others, strict=True) if cell]
            style = self.styles[place] if self.styles else ""
            lines += [Text(first, style=style or "bold")]
            lines += [
                Padding(Text(line, style=style), (0, 0, 0, GAP), expand=False) for line in _packed(told, width - GAP)
            ]
        return lines

    def text(self, width: int | None = None) -> str:
        """Returns plain text, at most `width` wide; None breaks nothing."""
        room = width or max([self.width, *map(cell_len, self.notes), cell_len(self.title)])
        console = Console(file=io.StringIO(), width=room, color_system=None, legacy_windows=False)
        with console.capture() as captured:
            console.print(self.renderable(room))
        return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"

    def markdown(self) -> str:
        """Returns a Markdown table, its title as a heading of the third level and its notes below."""
        lines = [f"### {self.title}", ""] if self.title else []
        lines.append(_markdown_row([column.heading for column in self.columns]))
        lines.append(_markdown_row(["---:" if column.figures else "---" for column in self.columns]))
        lines += [_markdown_row(row) for row in self.rows]
        lines += [f"\n{note}" for note in self.notes]
        return "\n".join(lines) + "\n"


def show(sheet: Sheet, console: Console) -> None:
    """Prints to a terminal at its width; to anything else as plain text, a row a line where no cell may be broken."""
    if console.is_terminal:
        console.print(sheet.renderable(console.width))
        return
    text = sheet.text(max(LOG_WIDTH, sheet.narrowest))
    console.print(text, soft_wrap=True, markup=False, highlight=False, end="")


def csv_text(records: Sequence[dict[str, object]]) -> str:
    """Returns records as CSV; a key that some records lack is empty there."""
    keys: Iterable[str] = dict.fromkeys(key for record in records for key in record)
    written = io.StringIO()
    writer = csv.DictWriter(written, list(keys), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return written.getvalue()


def _packed(told: Sequence[str], width: int) -> list[str]:
    """As many on a line as fit."""
    lines: list[str] = []
    for each in told:
        if lines and cell_len(lines[-1] + BETWEEN + each) <= width:
            lines[-1] += BETWEEN + each
        else:
            lines.append(each)
    return lines


def _word(cells: Iterable[str]) -> int:
    return max((cell_len(word) for cell in cells for word in cell.split()), default=0)


def _width(cell: str) -> int:
    return max((cell_len(line) for line in cell.splitlines()), default=0)


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"
