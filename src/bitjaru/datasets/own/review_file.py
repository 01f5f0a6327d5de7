"""Reviews of one's own: `dataset=file dataset.path=reviews.csv`."""

import hashlib
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator, Field, PositiveInt

from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.datasets.holdout import HoldOut
from bitjaru.datasets.own import parts
from bitjaru.datasets.own.columns import Rule
from bitjaru.datasets.own.frames import Source
from bitjaru.errors import DataError
from bitjaru.options import part

Name = Annotated[str, Field(min_length=1)]
log = logging.getLogger(__name__)


@dataclass
class _Table:
    texts: list[str]
    labels: list[str]
    groups: list[str]


@part
class ReviewFile:
    """A table with a column of reviews and a column of labels. `bitjaru train` finds what is not said of it.

    Attributes:
        name: Of the data.
        language: ISO 639-1 code.
        licence: Of the texts.
        path: Of the file with the training rows, or of a folder of Hugging Face's `save_to_disk`.
        valid_path: Of one with the validation rows; null where they are held out.
        test_path: Of one with the test rows; null where they are held out.
        encoding: Of text files.
        separator: Between columns; null: found.
        text_column: Its name, or its number from 1 where there is no header.
        label_column: Likewise.
        group_column: Rows with equal values in it stay in one part; null: none.
        values: Of the label column, one for each class.
        classes: Names of these classes.
        rule: Makes two classes of figures, as in `stars > 3`; null: none.
        leave_out: Values of the label column whose rows are not taken.
        rows: Takes only the first rows of the training file; null takes all.
        minimum_tokens: Reviews with fewer tokens are dropped after tokenizing.
        validation: Set aside from the training rows, with every class in it.
        test: Likewise, before.
    """

    name: Name
    language: Annotated[str, Field(pattern="^[a-z]{2}$")]
    licence: str
    path: Name
    valid_path: Name | None
    test_path: Name | None
    encoding: Name
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None
    text_column: Name | PositiveInt
    label_column: Name | PositiveInt
    group_column: Name | None
    values: Annotated[tuple[int | float | str, ...], Field(min_length=2, max_length=100)]
    classes: Annotated[tuple[Annotated[str, BeforeValidator(str)], ...], Field(min_length=2, max_length=100)]
    rule: str | None
    leave_out: tuple[int | float | str, ...]
    rows: PositiveInt | None
    minimum_tokens: PositiveInt
    validation: HoldOut
    test: HoldOut

    def load(self) -> Corpus:
        """Reads, labels and splits the reviews.

        Raises:
            DataError: If a file is missing or damaged, a label is unknown, or nothing is left.
        """
        files = {"train": self.path, "valid": self.valid_path, "test": self.test_path}
        sources = {name: self._source(path) for name, path in files.items() if path is not None}
        read, dropped = {}, 0
        tables: dict[str, tuple[Reviews, list[str] | None]] = {}
        for name, source in sources.items():
            table = self._table(source, self.rows if name == "train" else None)
            read[source.path.name if source.path.name not in read else f"{name}: {source.path}"] = len(table.texts)
            tables[name] = self._reviews(table, source)
            dropped += len(table.texts) - len(tables[name][0])
        splits = self._splits(tables)
        for name, count in parts.repeated(splits).items():
            if count:
                log.warning("%s texts of the %s part stand in the training part too, or almost.", f"{count:,}", name)
        return Corpus(
            name=self.name,
            language=self.language,
            splits=splits,
            read=read,
            dropped={"empty, without a label or left out": dropped},
            sha256=_together([source.sha256() for source in sources.values()]),
            source=", ".join(str(source.path) for source in sources.values()),
            licence=self.licence,
            classes=self.classes,
        )

    def clean(self, text: str) -> str:
        """Returns the text as it is."""
        return text

    def _source(self, path: str) -> Source:
        return Source(Path(path).expanduser(), self.encoding, self.separator)

    def _table(self, source: Source, rows: int | None) -> _Table:
        text, label = str(self.text_column), str(self.label_column)
        wanted = list(dict.fromkeys([text, label, *([self.group_column] if self.group_column else [])]))
        table = _Table([], [], [])
        first = next(source.tables(rows=1), None)
        if first is None or not len(first):
            raise DataError(f"{source.path} must hold reviews. Received: an empty file.")
        if missing := [name for name in wanted if name not in first.columns]:
            raise DataError(
                f"{source.path.name} must have the columns {', '.join(wanted)}. Received: {', '.join(first.columns)}; "
                f"{', '.join(missing)} is missing. Set `dataset.text_column` and `dataset.label_column`."
            )
        for piece in source.tables(wanted, rows):
            table.texts += piece[text].tolist()
            table.labels += map(sys.intern, piece[label].str.strip().tolist())  # a few, each in many rows
            table.groups += piece[self.group_column].tolist() if self.group_column else []
        return table

    def _reviews(self, table: _Table, source: Source) -> tuple[Reviews, list[str] | None]:
        rule = None if self.rule is None else Rule.parse(self.rule)
        places = {str(value): place for place, value in enumerate(self.values)}
        if rule is not None:
            places = {name: place for place, name in enumerate(self.classes)}
        out = {str(value) for value in self.leave_out}
        rows, labels = [], []
        for row, (text, value) in enumerate(zip(table.texts, table.labels, strict=True)):
            if not text.strip() or value in out or not (value or "" in places):
                continue
            label = value if rule is None else rule.label(value)
            if label not in places:
                raise DataError(
                    f"A label must be one of {', '.join(places)}. Received: {value!r} in row {row + 1:,} of "
                    f"{source.path.name}. Mend it, or leave it out: `dataset.leave_out=[{value}]`."
                )
            rows.append(row)
            labels.append(places[label])
        if len(set(labels)) < 2:
            raise DataError(
                f"{source.path.name} must hold reviews of two classes at least. Received: {len(rows):,} reviews, of "
                f"{', '.join(self.classes[label] for label in set(labels)) or 'none'}. Check `dataset.label_column` "
                "and `dataset.values`."
            )
        texts = [table.texts[row] for row in rows]
        groups = [table.groups[row] for row in rows] if self.group_column else None
        return Reviews(texts, np.array(labels, np.int32)), groups

    def _splits(self, tables: "dict[str, tuple[Reviews, list[str] | None]]") -> Splits[Reviews]:
        train, groups = tables["train"]
        made: dict[str, Reviews | None] = dict.fromkeys(("valid", "test"))
        for name, held in (("test", self.test), ("valid", self.validation)):
            if name in tables:
                made[name] = tables[name][0]
            elif held.fraction:
                staying, aside = self._divided(train, groups, held)
                made[name] = train.take(aside)
                train, groups = parts.take(train, groups, staying)
        return Splits(train, made["valid"], made["test"])

    def _divided(self, reviews: Reviews, groups: Sequence[str] | None, held: HoldOut) -> tuple[parts.Rows, parts.Rows]:
        if groups is not None:
            return parts.grouped(groups, held.fraction, seed=held.seed)
        if held.how == "tail":
            first = len(reviews) - max(1, round(held.fraction * len(reviews)))
            return np.arange(first), np.arange(first, len(reviews))
        return parts.stratified(reviews.labels, held.fraction, seed=held.seed, names=self.classes)


def _together(sums: Sequence[str]) -> str:
    """Of one file its own sum, of several that of their sums."""
    return sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()
