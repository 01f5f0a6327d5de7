"""What stands between the columns of a delimited file, and whether its first line names them."""

import csv
from collections.abc import Sequence
from pathlib import Path

from bitjaru.datasets.own.text_file import first_lines
from bitjaru.errors import DataError

SEPARATORS = {",": "a comma", "\t": "a tab", ";": "a semicolon", "|": "a bar"}
LONGEST_NAME = 40


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tells whether the first line of a delimited file names its columns.

    Names are short, different, no figures, and none stands again in its own column. One may be empty: pandas writes
    its index without a name.
    """
    first, others = rows[0], rows[1:]
    names = [cell for cell in first if cell.strip()]
    if not names or len(set(first)) < len(first):
        return False
    if any(len(cell) > LONGEST_NAME or _is_figure(cell) for cell in names):
        return False
    again = {(place, cell.strip()) for row in others for place, cell in enumerate(row)}
    return not any(cell.strip() and (place, cell.strip()) in again for place, cell in enumerate(first))


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
    said = ", ".join(f"{SEPARATORS[each]} ({width} columns)" for each, width in fitting.items())
    raise DataError(
        f"The separator of {path.name} must be clear: one that cuts every line into equally many columns. "
        f"Received: {said or _uneven(widths)}. Put texts that hold it between quotation marks, or name another, as in "
        "`dataset.separator=','`."
    )


def _uneven(widths: dict[str, list[int]]) -> str:
    """Says of what cuts most lines where it does not fit, in lines that are not empty."""
    found = {each: its for each, its in widths.items() if its and its[0] > 1}
    if not found:
        return "no comma, tab, semicolon or bar in its first line"
    best = max(found, key=lambda each: found[each].count(found[each][0]))
    wrong = next(place for place, width in enumerate(found[best]) if width != found[best][0])
    return (
        f"none that does; {SEPARATORS[best]} makes {found[best][0]} columns of line 1 and {found[best][wrong]} of line "
        f"{wrong + 1}"
    )


def _is_figure(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
