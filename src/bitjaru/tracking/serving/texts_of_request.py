"""The texts of a request in one of the usual forms; MLflow's server reads the others, by way of pandas."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLUMN = "text"


@dataclass(frozen=True)
class Asked:
    """A request that needs no table.

    Attributes:
        texts: In their order.
        probabilities: Whether those of every class are wanted.
    """

    texts: list[str]
    probabilities: bool


def rows_of(content: Any) -> int:
    """Returns how many rows a request's JSON has, whatever they are."""
    if not isinstance(content, dict):
        return 0
    counts = [0]
    for value in (content.get("dataframe_records"), content.get("inputs"), content.get("instances")):
        counts += [len(value)] if isinstance(value, list) else []
        columns = value.values() if isinstance(value, dict) else ()
        counts += [len(each) for each in columns if isinstance(each, list)]
    split = content.get("dataframe_split")
    if isinstance(split, dict) and isinstance(split.get("data"), list):
        counts.append(len(split["data"]))
    return max(counts)


def read(body: bytes) -> Any:
    """Parses a body; None where it is no JSON, which MLflow's server then explains."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def asked(content: Any) -> Asked | None:
    """Returns what a request asks for; None where its form is another one, or a text is none."""
    if not isinstance(content, dict) or not set(content) - {"params"}:
        return None
    (form, *others) = set(content) - {"params"}
    params = content.get("params", {})
    if others or not isinstance(params, dict) or set(params) - {"probabilities"}:
        return None
    wanted = params.get("probabilities", False)
    texts = _texts(form, content[form])
    if texts is None or not isinstance(wanted, bool) or not all(map(_is_whole, texts)):
        return None
    return Asked(texts, wanted)


def _texts(form: str, value: Any) -> list[Any] | None:
    if form == "dataframe_split" and isinstance(value, dict) and set(value) == {"columns", "data"}:
        rows = value["data"]
        if value["columns"] == [COLUMN] and isinstance(rows, list) and all(_is_one(row) for row in rows):
            return [row[0] for row in rows]
    if form in {"dataframe_records", "instances"} and isinstance(value, list) and all(map(_names_one, value)):
        return [row[COLUMN] for row in value] or None
    if form == "inputs" and isinstance(value, dict) and set(value) == {COLUMN} and isinstance(value[COLUMN], list):
        return list(value[COLUMN])
    return None


def _is_whole(text: Any) -> bool:
    """Whether it is a text, and no half of a character is in it: JSON can write that, no encoding can."""
    return isinstance(text, str) and (text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text))


def _names_one(row: Any) -> bool:
    return isinstance(row, dict) and set(row) == {COLUMN}


def _is_one(row: Any) -> bool:
    return isinstance(row, list) and len(row) == 1


def predictions(answers: Any, *, probabilities: bool) -> bytes:
    """Writes answers as MLflow's server does."""
    rows: list[Mapping[str, Any]] = []
    for answer in answers:
        row = {"label": answer.label, "probability": answer.probability, "no_known_token": answer.no_known_token}
        if probabilities:
            row |= {f"probability of {name}": share for name, share in answer.by_class.items()}
        rows.append(row)
    return json.dumps({"predictions": rows}).encode()
