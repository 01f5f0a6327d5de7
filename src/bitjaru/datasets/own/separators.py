"""What stands between the columns of a delimited file, and whether its first line names them."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from bitjaru.errors import DataError

SEPARATORS = {",": "a comma", "\t": "a tab", ";": "a semicolon", "|": "a bar"}
LOOKED_AT = 200


def has_header(first: Sequence[str]) -> bool:
    """Tells whether the first line of a delimited file names its columns: short words, none of them a figure."""
    return all(cell.strip() and len(cell) <= 40 and not _is_figure(cell) for cell in first) and len(set(first)) == len(
        first
    )


def separator_of(path: Path, encoding: str, kind: str) -> str:
    """Finds what stands between columns: what cuts the first lines into equally many fields.

    Args:
        path: Of the file, plain or compressed.
        encoding: Of its text.
        kind: Its ending.

    Raises:
        DataError: If nothing does, or several.
    """
    lines = first_lines(path, encoding)
    if not lines:
        raise DataError(f"{path} must hold reviews. Received: an empty file.")
    widths = {each: [len(row) for row in csv.reader(lines, delimiter=each)] for each in SEPARATORS}
    fitting = {each: its[0] for each, its in widths.items() if its and its[0] > 1 and len(set(its)) == 1}
    if kind in (".tsv", ".tab") and "\t" in fitting:
        return "\t"
    if kind == ".csv" and "," in fitting and len(fitting) > 1:
        return ","
    if len(fitting) == 1:
        return next(iter(fitting))
    said = ", ".join(f"{SEPARATORS[each]} ({width} columns)" for each, width in fitting.items()) or "none that fits"
    raise DataError(
        f"The separator of {path.name} must be clear: one that cuts every line into equally many columns. "
        f"Received: {said}. Name it, as in `dataset.separator=','`."
    )


def first_lines(path: Path, encoding: str) -> list[str]:
    """Returns the first lines of a text file that are not empty, without a byte order mark."""
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with io.TextIOWrapper(_opened(path), encoding=encoding, newline="") as file:
        return [line for _, line in zip(range(LOOKED_AT), file, strict=False) if line.strip()]


def _opened(path: Path) -> IO[bytes]:
    """Opens a file, unpacked."""
    if path.suffix.lower() == ".zip":
        archive = zipfile.ZipFile(path)
        return archive.open(archive.namelist()[0])
    opener: Any = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(path.suffix.lower(), open)
    return opener(path, "rb")  # type: ignore[no-any-return]


def _is_figure(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
