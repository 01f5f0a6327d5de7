"""Reading a file of reviews row by row: whatever stands in it, each row comes out, with its text or with a reason."""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from bitjaru.errors import DataError

BROKEN = re.compile("[\udc80-\udcff]")
CELL_CHARACTERS = 4 << 20
BROKEN_OFF = (OSError, EOFError, zlib.error, csv.Error)
TABS = {".tsv", ".txt", ".tab"}


@dataclass(frozen=True)
class Row:
    """One row of the file.

    Attributes:
        cells: As many as there are columns; bytes that are no UTF-8 became U+FFFD.
        text: To answer; None for a row that cannot be.
        reason: Why it cannot, with the line; empty otherwise.
    """

    cells: Sequence[str]
    text: str | None
    reason: str


class Table:
    """A CSV file with a header, open for reading; `.gz` is unpacked on the way. A context that closes the file.

    Args:
        path: Of the file.
        column: That holds the texts.
        separator: Between cells; None takes a tab for `.tsv` and `.txt`, else a comma.
        advance: Is told how many bytes of the file were read.
    """

    def __init__(self, path: Path, *, column: str, separator: str | None, advance: Callable[[int], None]) -> None:
        csv.field_size_limit(CELL_CHARACTERS)
        self._path, self._column, self._advance = path, column, advance
        suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
        self._separator = separator or ("\t" if suffix in TABS else ",")
        self._line = 0
        self._kept: list[str] = []
        self._files = ExitStack()
        self.header: list[str] = []

    def __enter__(self) -> "Table":
        """Opens the file and reads its header.

        Raises:
            DataError: If the file cannot be read or has no such column.
        """
        with ExitStack() as opened:
            raw = opened.enter_context(self._path.open("rb"))
            packed = self._path.suffix == ".gz"
            file = cast("BinaryIO", opened.enter_context(gzip.GzipFile(fileobj=raw))) if packed else raw
            self._rows = csv.reader(self._lines(raw, file), delimiter=self._separator)
            try:
                self.header = next(self._rows, [])
            except BROKEN_OFF as error:
                raise DataError(f"A file of reviews must be readable. Received: {self._path}: {error}.") from error
            if self._column not in self.header:
                raise DataError(
                    f"`--column` must name a column of the file. Received: {self._column!r}. {self._path.name} has: "
                    f"{', '.join(map(repr, self.header)) or 'nothing'}; cells are separated by {self._separator!r}."
                )
            self._place = self.header.index(self._column)
            self._files = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def __iter__(self) -> Iterator[Row]:
        """Yields every row after the header; blank lines are none.

        Raises:
            DataError: If the file breaks off in the middle.
        """
        while True:
            self._kept.clear()
            first = self._line + 1
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._bad([], f"line {first}: {error}")
                continue
            except BROKEN_OFF as error:
                raise DataError(f"A file must be whole. Received: {self._path}, line {first}: {error}.") from error
            if cells:
                yield self._row(cells, first)

    def _row(self, cells: list[str], first: int) -> Row:
        if any(map(BROKEN.search, cells)):
            return self._bad(cells, f"line {first}: bytes that are no UTF-8")
        if self._unclosed():
            return self._bad([], f"line {first}: a quote is opened and never closed")
        if len(cells) != len(self.header):
            return self._bad(cells, f"line {first}: {len(cells)} cells instead of {len(self.header)}")
        return Row(cells, cells[self._place], "")

    def _unclosed(self) -> bool:
        """A quote that is never closed swallows the rest of the file: only the last row can be such a one."""
        if len(self._kept) < 2 and self._kept and self._kept[-1].endswith(("\n", "\r")):
            return False
        try:
            list(csv.reader(self._kept, delimiter=self._separator, strict=True))
        except csv.Error as error:
            return "unexpected end of data" in str(error)
        return False

    def _bad(self, cells: list[str], reason: str) -> Row:
        columns = len(self.header)
        shown = [BROKEN.sub("\N{REPLACEMENT CHARACTER}", cell) for cell in cells[:columns]]
        return Row(shown + [""] * (columns - len(shown)), None, reason)

    def _lines(self, raw: BinaryIO, file: BinaryIO) -> Iterator[str]:
        """Decodes line by line, so that one broken line does not break the others; a byte order mark is dropped."""
        read = 0
        for line in file:
            place = raw.tell()
            self._advance(place - read)
            read = place
            self._line += 1
            text = line.decode("utf-8-sig" if self._line == 1 else "utf-8", errors="surrogateescape")
            self._kept.append(text)
            yield text
