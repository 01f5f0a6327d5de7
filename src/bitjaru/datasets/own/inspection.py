"""What stands in a file of reviews, found before anything is trained."""

import sys
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bitjaru.datasets.own import parts
from bitjaru.datasets.own.columns import Rule, classes_of, label_column, names_of, text_column
from bitjaru.datasets.own.frames import DELIMITED, Source
from bitjaru.datasets.own.separators import SEPARATORS
from bitjaru.errors import DataError

LOOKED_INTO = 20_000  # rows of which columns and language are found
SCRIPTS = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "THAI": "th",
    "HEBREW": "he",
    "GREEK": "el",
}
LEAST_SHARE = 0.2  # of the letters: Korean reviews are full of Latin ones
OTHER_LANGUAGE = "en"


@dataclass(frozen=True)
class Inspection:
    """What was found.

    Attributes:
        how: The file in words: its kind, encoding, separator.
        columns: Every column.
        text_column: Of the reviews.
        label_column: Of the labels.
        values: Of the label column, by class.
        classes: Their names.
        language: By the script of most letters.
        texts: All reviews with text.
        counts: Reviews of each class.
        empty: Rows without text.
        unlabelled: Rows with text and without a label.
        duplicates: Reviews that stand there before, but for case, spaces and signs.
    """

    how: str
    columns: Sequence[str]
    text_column: str
    label_column: str
    values: Sequence[str]
    classes: Sequence[str]
    language: str
    texts: Sequence[str]
    counts: Mapping[str, int]
    empty: int
    unlabelled: int
    duplicates: int


@dataclass
class _Rows:
    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    empty: int = 0
    unlabelled: int = 0


def inspect(source: Source, given: Mapping[str, str]) -> Inspection:
    """Looks into a file.

    Args:
        source: The file.
        given: What is known already, by the key of `dataset` (`text_column`, `label_column`, `rule`).

    Raises:
        DataError: If it cannot be read, or is not clear; says what was found.
    """
    first = next(source.tables(rows=LOOKED_INTO), None)
    if first is None or not len(first):
        raise DataError(f"{source.path} must hold reviews. Received: the names of columns and no row.")
    rule = Rule.parse(given["rule"]) if given.get("rule") else None
    named = given.get("label_column") or (rule.column if rule and rule.column else None)
    text = given.get("text_column") or text_column(first, other=[named] if named else [])
    label = named or label_column(first, text=text)
    for name in (text, label):
        if name not in first.columns:
            raise DataError(f"{source.path.name} must have the column {name!r}. Received: {', '.join(first.columns)}.")
    if text == label:
        raise DataError(
            f"Reviews and labels must stand in two columns. Received: {text!r} for both. There are: "
            f"{', '.join(first.columns)}."
        )
    rows = _all(source, text, label, leave_out=_listed(given.get("leave_out", "")))
    if not rows.texts:
        raise DataError(
            f"{source.path} must hold reviews with labels. Received: {rows.empty:,} rows without text in {text!r}, "
            f"{rows.unlabelled:,} without a label in {label!r}. Name the columns: `dataset.text_column=`, "
            "`dataset.label_column=`."
        )
    labels = rows.labels if rule is None else [rule.label(value) for value in rows.labels]
    values = classes_of(labels, column=label)
    _check_letters(rows.texts[:LOOKED_INTO], text)
    counts = Counter(labels)
    _check_enough(counts, given)
    return Inspection(
        how=_how(source),
        columns=list(first.columns),
        text_column=text,
        label_column=label,
        values=values,
        classes=names_of(values),
        language=language_of(rows.texts[:LOOKED_INTO]),
        texts=rows.texts,
        counts={name: counts[value] for name, value in zip(names_of(values), values, strict=True)},
        empty=rows.empty,
        unlabelled=rows.unlabelled,
        duplicates=len(rows.texts) - len(np.unique(parts.digests(rows.texts))),
    )


def language_of(texts: Sequence[str]) -> str:
    """Tells the language by the script of the letters, ISO 639-1; Latin letters are taken for English."""
    scripts: Counter[str] = Counter()
    for text in texts[:2_000]:
        for letter in text[:200]:
            if letter.isalpha():
                scripts[unicodedata.name(letter, "?").split()[0]] += 1
    found = Counter[str]()
    for script, count in scripts.items():
        found[SCRIPTS.get(script, OTHER_LANGUAGE)] += count
    others = {language: count for language, count in found.items() if language != OTHER_LANGUAGE}
    if others and max(others.values()) >= LEAST_SHARE * found.total():
        return max(others, key=lambda language: (language == "ja", others[language]))
    return OTHER_LANGUAGE


def _all(source: Source, text: str, label: str, *, leave_out: Sequence[str]) -> _Rows:
    rows = _Rows()
    for table in source.tables([text, label]):
        for review, value in zip(table[text], table[label].str.strip(), strict=True):
            if not review.strip():
                rows.empty += 1
            elif not value:
                rows.unlabelled += 1
            elif value not in leave_out:
                rows.texts.append(review)
                rows.labels.append(sys.intern(value))  # one of a few, and not a text of its own in every row
    return rows


def _check_letters(texts: Sequence[str], column: str) -> None:
    """Refuses a column of figures, such as an id: a model would learn each row by heart and know no other."""
    without = [text for text in texts if not any(map(str.isalpha, text))]
    if len(without) > len(texts) / 2:
        raise DataError(
            f"The text column, {column!r}, must hold reviews. Received: {len(without):,} of {len(texts):,} rows "
            f"without any letter, such as {', '.join(map(repr, without[:3]))}. Name another: `dataset.text_column=`."
        )


def _check_enough(counts: Mapping[str, int], given: Mapping[str, str]) -> None:
    """Refuses a class with fewer reviews than there are parts to be made of the file, which would fail later."""
    held = {"valid_path": "validation.fraction", "test_path": "test.fraction"}
    wanted = 1 + sum(path not in given and given.get(share) not in ("0", "0.0") for path, share in held.items())
    few = {value: count for value, count in counts.items() if count < wanted}
    if not few or "group_column" in given:
        return
    told = ", ".join(f"{count} of {value!r}" for value, count in few.items())
    raise DataError(
        f"Every class needs {wanted} reviews or more, one for each part. Received: {told}. Add some, or leave "
        f"{'it' if len(few) == 1 else 'them'} out: `dataset.leave_out=[{','.join(few)}]`."
    )


def _listed(written: str) -> list[str]:
    return [each.strip().strip("'\"") for each in written.strip("[]").split(",") if each.strip()]


def _how(source: Source) -> str:
    if source.kind not in DELIMITED:
        return source.kind.lstrip(".")
    return f"{source.kind.lstrip('.')}, {source.encoding}, separated by {SEPARATORS.get(source.cut_at(), '?')}"
