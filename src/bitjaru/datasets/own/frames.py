"""Files of almost any kind as tables of text: CSV, TSV, Parquet, JSON Lines, Excel, and `save_to_disk` folders."""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitjaru.datasets.own.separators import has_header, separator_of
from bitjaru.datasets.own.text_file import check_encoding, first_lines, not_decoded, opened, without_mark
from bitjaru.errors import ConfigError, DataError

if TYPE_CHECKING:
    import pandas as pd

COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
DELIMITED = (".csv", ".tsv", ".txt", ".tab")
LINES, PARQUET, EXCEL = (".jsonl", ".ndjson", ".json"), (".parquet", ".pq"), (".xlsx", ".xlsm")
CHUNK = 100_000
BLOCK = 1 << 20


@dataclass(frozen=True)
class Source:
    """A file, or a folder of Hugging Face's `save_to_disk`.

    Attributes:
        path: Of it.
        encoding: Of a text file.
        separator: Between columns of a delimited file; None: to be found.
    """

    path: Path
    encoding: str
    separator: str | None

    @property
    def kind(self) -> str:
        """Its ending without that of a compression; `folder` of a folder."""
        if self.path.is_dir():
            return "folder"
        endings = [ending.lower() for ending in self.path.suffixes if ending.lower() not in COMPRESSED]
        return endings[-1] if endings else ""

    def check(self) -> None:
        """Refuses what cannot be read.

        Raises:
            DataError: If there is no such file.
            ConfigError: If it is of no kind that can be read, or of no encoding that there is.
        """
        if not self.path.exists():
            raise DataError(f"`dataset.path` must be a file or folder. Received: {self.path}, which does not exist.")
        known = (*DELIMITED, *LINES, *PARQUET, *EXCEL, "folder")
        if self.kind not in known:
            raise ConfigError(
                f"`dataset.path` must be a file whose name ends with one of {' '.join(known[:-1])}, plain or with "
                f"{' '.join(COMPRESSED)}, or a folder of `save_to_disk`. Received: {self.path.name}."
            )
        check_encoding(self.encoding)

    def cut_at(self) -> str:
        """Returns what stands between the columns of a delimited file.

        Raises:
            DataError: If it is not given and not clear.
        """
        return self.separator or separator_of(self.path, self.encoding, self.kind)

    def sha256(self) -> str:
        """Returns the sum over the file's bytes, or over all files of the folder in the order of their names."""
        total = hashlib.sha256()
        for file in self._files():
            with file.open("rb") as opened:
                while block := opened.read(BLOCK):
                    total.update(block)
        return total.hexdigest()

    def size(self) -> int:
        """Returns its bytes, as they are on disk; 0 where there is no such file."""
        return sum(file.stat().st_size for file in self._files() if file.exists())

    def _files(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        return sorted(file for file in self.path.rglob("*") if file.is_file())

    def tables(self, columns: Sequence[str] | None = None, rows: int | None = None) -> "Iterator[pd.DataFrame]":
        """Yields the file piece by piece, every value as text.

        Args:
            columns: Only these; None for all.
            rows: Only the first ones; None for all.

        Raises:
            DataError: If it cannot be read as what its name says.
        """
        self.check()
        import pandas as pd
        import pyarrow as pa

        try:
            yield from (_text(table) for table in self._tables(columns, rows))
        except UnicodeDecodeError as error:
            raise not_decoded(self.path, self.encoding) from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowException, ValueError, OSError) as error:
            if isinstance(error, ConfigError):
                raise
            raise DataError(
                f"{self.path} must be what its name says, {self.kind}. Received: {_told(error)}."
            ) from error

    def _tables(self, columns: Sequence[str] | None, rows: int | None) -> "Iterator[pd.DataFrame]":
        if self.kind in DELIMITED:
            yield from _delimited(self, columns, rows)
        elif self.kind in LINES:
            yield from _json(self, columns, rows)
        elif self.kind in EXCEL:
            yield _excel(self.path, columns, rows)
        else:
            yield from _arrow(self, columns, rows)


def _delimited(source: Source, columns: Sequence[str] | None, rows: int | None) -> "Iterator[pd.DataFrame]":
    import pandas as pd

    separator = source.cut_at()
    lines = list(csv.reader(first_lines(source.path, source.encoding), delimiter=separator))
    header = has_header(lines)
    names = None if header else [str(number) for number in range(1, len(lines[0]) + 1)]
    read: Any = pd.read_csv(
        source.path,
        sep=separator,
        encoding=without_mark(source.encoding),
        header=0 if header else None,
        names=names,
        usecols=None if columns is None else list(columns),
        dtype=str,
        keep_default_na=False,
        nrows=rows,
        chunksize=CHUNK,
    )
    with read:
        yield from read


def _json(source: Source, columns: Sequence[str] | None, rows: int | None) -> "Iterator[pd.DataFrame]":
    """An object in every line, or one list of objects, which is read at once."""
    import pandas as pd

    with opened(source.path) as file:
        is_list = file.read(BLOCK).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    if is_list:
        table = pd.read_json(source.path, encoding=without_mark(source.encoding), dtype=False)
        yield (table if columns is None else table[list(columns)])[:rows]
        return
    read: Any = pd.read_json(
        source.path, lines=True, encoding=without_mark(source.encoding), dtype=False, nrows=rows, chunksize=CHUNK
    )
    with read:
        for table in read:
            yield table if columns is None else table[list(columns)]


def _excel(path: Path, columns: Sequence[str] | None, rows: int | None) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_excel(
        path, usecols=None if columns is None else list(columns), nrows=rows, dtype=str, keep_default_na=False
    )


def _arrow(source: Source, columns: Sequence[str] | None, rows: int | None) -> "Iterator[pd.DataFrame]":
    import pyarrow as pa
    import pyarrow.parquet as pq

    left = rows
    if source.kind in PARQUET:
        batches = pq.ParquetFile(source.path).iter_batches(CHUNK, columns=None if columns is None else list(columns))
    else:
        files = sorted(source.path.glob("data-*.arrow"))
        if not files:
            raise DataError(
                f"A folder must be a split of `save_to_disk`, with `data-….arrow` in it. Received: {source.path}, with "
                f"{', '.join(sorted(each.name for each in source.path.iterdir()))[:200] or 'nothing'} in it."
            )
        batches = (batch for file in files for batch in pa.ipc.open_stream(file))
    for batch in batches:
        table = batch if columns is None else batch.select(list(columns))
        table = table if left is None else table.slice(0, left)
        yield table.to_pandas()
        left = None if left is None else left - len(table)
        if left == 0:
            return


def _text(table: "pd.DataFrame") -> "pd.DataFrame":
    table.columns = [str(name) for name in table.columns]
    return table.map(lambda value: "" if value is None or value != value else _plain(value))  # noqa: PLR0124 - NaN


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _told(error: Exception) -> str:
    """What a reader says, in words for those who do not know it."""
    said = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
    said = said.removeprefix("Error tokenizing data. C error: ")
    if found := re.search(r"EOF inside string starting at row (\d+)", said):
        return f"a quotation mark in row {int(found[1]):,} that is never closed"
    return said
