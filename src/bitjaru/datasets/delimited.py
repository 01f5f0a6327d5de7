"""Reading delimited text, with line numbers for every complaint."""

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from bitjaru.datasets.published import Content
from bitjaru.errors import DataError

_END = "\0end of file\0"


class Record(NamedTuple):
    """The fields of one record, and the line where it starts, from 1."""

    line: int
    fields: list[str]


def records(content: Content, *, separator: str) -> Iterator[Record]:
    """Yields the records of a file, blank lines left out, with the usual CSV quoting.

    Raises:
        DataError: If the file is no UTF-8, a record has another number of fields than the first one, or a quotation
            mark is never closed.
    """
    # An open quotation mark swallows all that follows: it is noticed by a last line that must come out alone.
    lines = chain(io.StringIO(content.text, newline=""), [_END])
    reader = csv.reader(lines, delimiter=separator)
    width, line = 0, 1
    try:
        for fields in reader:
            if fields and fields != [_END]:
                width = width or len(fields)
                if len(fields) != width or fields[-1].endswith(_END):
                    raise _broken(content, Record(line, fields), width)
                yield Record(line, fields)
            line = reader.line_num + 1
    except csv.Error as error:
        raise _unclosed(content, line, str(error)) from error


def _broken(content: Content, record: Record, width: int) -> DataError:
    if record.fields[-1].endswith(_END):
        return _unclosed(content, record.line, "the end of the file within quotation marks")
    return DataError(
        f"Every line of {content.source} must have {width} fields. "
        f"Received: {len(record.fields)} in line {record.line}. Mend that line or take it out."
    )


def _unclosed(content: Content, line: int, received: str) -> DataError:
    return DataError(
        f"A quotation mark at the start of a field must be closed. Received: {received}, from line {line} of "
        f"{content.source} on. Close it, or write the mark twice within quotation marks."
    )
