"""The texts of a request, in MLflow's forms: a table by rows or by columns, a list, or CSV."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bitjaru.tracking.serving.request.limits import Limits
from bitjaru.tracking.serving.request.refusals import Refused

COLUMN = "text"
FORMS = ("dataframe_records", "dataframe_split", "inputs", "instances")
KNOWN = ", ".join(FORMS)
PARAMETER = "probabilities"
SHOWN = 80


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    Attributes:
        texts: In their order.
        probabilities: Whether those of every class are wanted.
    """

    texts: list[str]
    probabilities: bool = False


def of_json(body: bytes, limits: Limits) -> Asked:
    """Reads a JSON body.

    Raises:
        Refused: If it is none, or of no known form; if it has too many rows or too long a text.
    """
    content = _parsed(body)
    params = content.pop("params", None) or {}
    if not isinstance(params, dict) or set(params) - {PARAMETER} or not isinstance(params.get(PARAMETER, False), bool):
        raise Refused(400, f"`params` may hold `{PARAMETER}`, true or false. Received: {_shown(params)}.")
    if len(content) != 1 or not set(content) <= set(FORMS):
        said = ", ".join(sorted(content)) or "none"
        raise Refused(400, f"A request must be a JSON dictionary with exactly one of {KNOWN}. Received: {said}.")
    ((form, value),) = content.items()
    return Asked(_texts(_column(form, value), limits), params.get(PARAMETER, False))


def of_csv(body: bytes, limits: Limits) -> Asked:
    """Reads a CSV body whose first line names its columns.

    Raises:
        Refused: If it is none, or has no column `text`; if it has too many rows or too long a text.
    """
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        names = next(lines, [])
        place = _place(names)
        column: list[Any] = []
        for row in filter(None, lines):
            if len(row) != len(names):
                raise Refused(
                    400, f"Every line must have {len(names)} values. Received: {len(row)} in line {lines.line_num}."
                )
            column.append(row[place])
            _check_rows(len(column), limits)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(400, f"The body must be valid CSV in UTF-8. Received: {error}.") from error
    return Asked(_texts(column, limits))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except RecursionError as error:
        raise Refused(
            400, "The body must be valid JSON. Received: brackets within brackets, beyond the recursion limit."
        ) from error
    except ValueError as error:
        raise Refused(400, f"The body must be valid JSON. Received: {_shown(error)}.") from error
    if not isinstance(content, dict):
        raise Refused(400, f"A request must be a JSON dictionary. Received: {_shown(content)}.")
    return content


def _column(form: str, value: Any) -> Sequence[Any]:
    if form == "dataframe_split":
        return _of_split(value)
    if form == "inputs" and isinstance(value, dict):
        return _of_columns(value)
    if not isinstance(value, list):
        raise Refused(400, f"`{form}` must hold a list of records. Received: {_shown(value)}.")
    return [_of_row(form, row) for row in value]


def _of_row(form: str, row: Any) -> Any:
    if form != "dataframe_records" and not isinstance(row, dict | list):
        return row
    if not isinstance(row, dict) or COLUMN not in row:
        raise Refused(400, f"`{form}` is missing inputs: every record must hold `{COLUMN}`. Received: {_shown(row)}.")
    return row[COLUMN]


def _of_columns(columns: Mapping[str, Any]) -> Sequence[Any]:
    _place(list(columns))
    for name, column in columns.items():
        if not isinstance(column, list):
            raise Refused(400, f"Every column must be a list. Received: `{_shown(name)}`, {_shown(column)}.")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise Refused(400, f"A table's columns must be of one length, by its schema. Received: {_shown(lengths)}.")
    chosen: Sequence[Any] = columns[COLUMN]
    return chosen


def _of_split(value: Any) -> Sequence[Any]:
    names, rows = (value.get("columns"), value.get("data")) if isinstance(value, dict) else (None, None)
    if not isinstance(names, list) or not isinstance(rows, list) or set(value) - {"columns", "data", "index"}:
        raise Refused(400, f"`dataframe_split` must hold `columns` and `data`, two lists. Received: {_shown(value)}.")
    place = _place(names)
    for row in rows:
        if not isinstance(row, list) or len(row) != len(names):
            raise Refused(400, f"Every row of `data` must have a value for each column. Received: {_shown(row)}.")
    return [row[place] for row in rows]


def _place(names: Sequence[Any]) -> int:
    if list(names).count(COLUMN) != 1:
        said = ", ".join(map(str, names)) or "none"
        raise Refused(400, f"The table is missing inputs: one column must be `{COLUMN}`. Received: {_shown(said)}.")
    return list(names).index(COLUMN)


def _texts(column: Sequence[Any], limits: Limits) -> list[str]:
    _check_rows(len(column), limits)
    texts = [value if isinstance(value, str) else _as_text(value) for value in column]
    if texts and max(map(len, texts)) > limits.characters:
        longest = max(map(len, texts))
        raise Refused(413, f"A text may hold {limits.characters:,} characters. Received: {longest:,}. Send less.")
    for text in texts:
        if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
            raise Refused(400, "A `text` may not hold half a character: no encoding can write lone surrogates.")
    return texts


def _check_rows(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise Refused(413, said_of_rows(limits, f"{rows:,}"))


def said_of_rows(limits: Limits, received: str) -> str:
    """Says how many rows a request may hold, and what came."""
    return f"A request may hold {limits.rows:,} rows. Received: {received}. Send fewer at once."


def _as_text(value: Any) -> str:
    """A missing text is an empty one, and a number stands for its digits."""
    if value is None or value != value:  # noqa: PLR0124 - what is not itself is no number
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(400, f"Every `{COLUMN}` must be a string. Received: {_shown(value)}, a {type(value).__name__}.")
    return str(value)


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def predictions(answers: Any, *, probabilities: bool) -> bytes:
    """Writes answers as MLflow's server does."""
    rows: list[Mapping[str, Any]] = []
    for answer in answers:
        row = {"label": answer.label, "probability": answer.probability, "no_known_token": answer.no_known_token}
        if probabilities:
            row |= {f"probability of {name}": share for name, share in answer.by_class.items()}
        rows.append(row)
    return json.dumps({"predictions": rows}).encode()
