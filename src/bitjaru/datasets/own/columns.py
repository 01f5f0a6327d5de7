"""Which column of a table holds the reviews, which the labels, and what the labels mean."""

import operator
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bitjaru.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

TEXT_NAMES = ("text", "review", "document", "content", "sentence", "comment", "body", "리뷰", "내용", "본문", "문장")
LABEL_NAMES: tuple[str, ...] = (
    "label",
    "labels",
    "class",
    "sentiment",
    "rating",
    "ratings",
    "stars",
    "star",
    "score",
    "polarity",
)
LABEL_NAMES += ("평점", "별점", "감성", "점수", "라벨")
MOST_CLASSES, LONGEST_CLASS = 100, 60
MOST_NAMED = 10  # columns in a message
PAIRS = (("0", "1"), ("neg", "pos"), ("negative", "positive"), ("부정", "긍정"), ("-1", "1"), ("false", "true"))
NAMED = ("negative", "positive")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
RULE = re.compile(r"^\s*(?P<column>.*?)\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>-?\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True)
class Rule:
    """Makes two classes of a figure: `stars > 3` is positive.

    Attributes:
        column: That holds the figure; empty for the label column.
        sign: `>`, `>=`, `<` or `<=`.
        bound: What it is compared with.
    """

    column: str
    sign: str
    bound: float

    @classmethod
    def parse(cls, written: str) -> "Rule":
        """Reads a rule.

        Raises:
            DataError: If it is none.
        """
        found = RULE.match(written)
        if found is None:
            raise DataError(f"`dataset.rule` must compare a figure, as in 'stars > 3'. Received: {written!r}.")
        return cls(found["column"], found["sign"], float(found["bound"]))

    def label(self, value: str) -> str:
        """Returns `positive` where the rule holds, else `negative`.

        Raises:
            DataError: If the value is no figure.
        """
        try:
            number = float(value)
        except ValueError as error:
            raise DataError(f"`dataset.rule` needs figures. Received: the label {value!r}.") from error
        return NAMED[COMPARISONS[self.sign](number, self.bound)]


def text_column(table: "pd.DataFrame", *, other: Sequence[str] = ()) -> str:
    """Finds the column of the reviews: the one with a usual name, else the longest texts by far.

    Raises:
        DataError: If there is none, or two could be it.
    """
    columns = [name for name in table.columns if name not in other]
    if named := [name for name in columns if name.strip().lower() in TEXT_NAMES]:
        if len(named) == 1:
            return named[0]
        raise _unclear("text_column", named)
    lengths = {name: table[name].str.len().mean() for name in columns}
    order = sorted(columns, key=lambda name: -lengths[name])
    if not order or lengths[order[0]] < 1:
        raise DataError(f"A column must hold the reviews. Received: {', '.join(table.columns)}, none with text.")
    if len(order) > 1 and lengths[order[1]] > lengths[order[0]] / 2 and _varied(table[order[1]]):
        raise _unclear("text_column", order[:2])
    return order[0]


def label_column(table: "pd.DataFrame", *, text: str) -> str:
    """Finds the column of the labels: a usual name, else the only one with few different values.

    Raises:
        DataError: If there is none, or several could be it.
    """
    columns = [name for name in table.columns if name != text]
    if named := [name for name in columns if name.strip().lower() in LABEL_NAMES]:
        if len(named) == 1:
            return named[0]
        raise _unclear("label_column", named)
    few = [name for name in columns if 2 <= table[name].nunique() <= MOST_CLASSES and not _varied(table[name])]
    if len(few) == 1:
        return few[0]
    if few:
        raise _unclear("label_column", few)
    counts = [f"{name} ({table[name].nunique():,} values)" for name in columns]
    left = f" and {len(counts) - MOST_NAMED} more" if len(counts) > MOST_NAMED else ""
    advice = "Name it: `dataset.label_column=`." if counts else "Is `dataset.separator` what stands between columns?"
    raise DataError(
        f"A column must hold the labels, 2 to {MOST_CLASSES} different values. Received beside the text {text!r}: "
        f"{', '.join(counts[:MOST_NAMED]) or 'no other column'}{left}. {advice}"
    )


def classes_of(values: Sequence[str], *, column: str = "label") -> tuple[str, ...]:
    """Returns the classes in the order of their labels: the negative one of two first, figures by size.

    Args:
        values: Of every row.
        column: That they stand in.

    Raises:
        DataError: If there is one, or too many, or one that is as long as a review.
    """
    counts = Counter(values)
    if not 2 <= len(counts) <= MOST_CLASSES:
        raise _no_classes(counts, column)
    if long := next((value for value in counts if len(value) > LONGEST_CLASS), None):
        raise DataError(
            f"A class must be a short name, {LONGEST_CLASS} letters at the most. Received in {column!r}: "
            f"{_short(long)} ({counts[long]:,} of {len(values):,} rows). Does a text stand in the wrong column? Mend "
            "those rows, or name another `dataset.label_column`."
        )
    lower = {value.strip().lower(): value for value in counts}
    for negative, positive in PAIRS:
        if set(lower) == {negative, positive}:
            return lower[negative], lower[positive]
    try:
        return tuple(sorted(counts, key=float))
    except ValueError:
        return tuple(sorted(counts))


def names_of(classes: Sequence[str]) -> tuple[str, ...]:
    """Returns what classes are called in answers: `negative` and `positive` where their values say just that.

    Whole figures lose the `.0` that tables give them.
    """
    pair = tuple(value.strip().lower() for value in classes)
    if pair in PAIRS:
        return NAMED
    whole = tuple(value.removesuffix(".0") for value in classes)
    figures = all(value.lstrip("-").isdigit() for value in whole)
    return whole if figures and len(set(whole)) == len(whole) else tuple(classes)


def _varied(column: "pd.Series[str]") -> bool:
    """Whether values hardly repeat: text, or an id."""
    return bool(column.nunique() > max(0.5 * len(column), 2) or column.nunique() > MOST_CLASSES)


def _unclear(key: str, found: Sequence[str]) -> DataError:
    return DataError(
        f"`dataset.{key}` must be clear. Received: columns that could be it: {', '.join(found)}. Name one: "
        f"`dataset.{key}={found[0]}`."
    )


def _no_classes(counts: Counter[str], column: str) -> DataError:
    shown = ", ".join(_short(value) for value in list(counts)[:5])
    received = f"{len(counts):,}, such as {shown}" if len(counts) > 1 else f"1, {shown} in every row"
    advice = "Name another `dataset.label_column`, or for figures a rule: `dataset.rule='stars > 3'`."
    if sum(" " in value for value in counts) > len(counts) / 2:
        advice = "These look like reviews: name the columns, `dataset.text_column=` and `dataset.label_column=`."
    elif len(counts) == 1:
        advice = "Add reviews of another class, or name another `dataset.label_column`."
    return DataError(
        f"The label column, {column!r}, must have 2 to {MOST_CLASSES} different values. Received: {received}. {advice}"
    )


def _short(value: str) -> str:
    return repr(value if len(value) <= LONGEST_CLASS else value[: LONGEST_CLASS - 1] + "…")
