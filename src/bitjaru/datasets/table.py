"""Reviews in a delimited text file, one a line, with a column that tells the label."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field, PositiveInt

from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.datasets.delimited import Record, records
from bitjaru.datasets.holdout import HoldOut, split
from bitjaru.datasets.published import Content, LocalPath, PublishedFile, read_all, sha256_of
from bitjaru.errors import ConfigError, DataError
from bitjaru.options import part

Cleaning = Literal["none", "hangul"]
Column = Annotated[str, Field(min_length=1)] | PositiveInt
_NOT_HANGUL = re.compile("[^ㄱ-ㅎㅏ-ㅣ가-힣 ]")
Values = Annotated[tuple[int | str, ...], Field(min_length=1)]


class _Rows(NamedTuple):
    """Three lists, not one of records: hundreds of thousands of records would keep Python's collector busy."""

    lines: Sequence[int]
    texts: Sequence[str]
    labels: Sequence[str]

    def __len__(self) -> int:
        return len(self.lines)

    def first(self, count: int | None) -> "_Rows":
        return _Rows(self.lines[:count], self.texts[:count], self.labels[:count])


@part
class Table:
    """A training file and, if it was published, a test file: NSMC, Naver shopping, or one's own.

    Attributes:
        name: Of the option.
        language: ISO 639-1 code.
        licence: As the publisher names it.
        path: A local folder, or a local file if there is no test file; null for `BITJARU_DATA` or a download.
        train_file: With the rows to train on.
        test_file: With the official test rows; null where a part of the training file is held out.
        separator: Between two columns.
        text_column: Name in the header, or number from 1 in a file without a header.
        label_column: Likewise.
        negative: Values of the label column that mean a negative review.
        positive: Values that mean a positive one. Any other value is an error.
        labels: `polarity` for the two classes `negative` and `positive`, `ratings` for one class a value.
        classes: Names of the classes: of ratings, the values themselves.
        rows: Takes only the first rows of the training file; null takes all. A test file stays whole.
        cleaning: What is left of a text.
        minimum_tokens: Reviews with fewer tokens are dropped after tokenizing.
        validation: Set aside from the training rows.
        test: Set aside from the training file, before the validation part.
    """

    name: str
    language: Annotated[str, Field(pattern="^[a-z]{2}$")]
    licence: str
    path: LocalPath | None
    train_file: PublishedFile
    test_file: PublishedFile | None
    separator: Annotated[str, Field(min_length=1, max_length=1)]
    text_column: Column
    label_column: Column
    negative: Values
    positive: Values
    labels: Literal["polarity", "ratings"]
    classes: Annotated[tuple[str, ...], Field(min_length=2)]
    rows: PositiveInt | None
    cleaning: Cleaning
    minimum_tokens: PositiveInt
    validation: HoldOut
    test: HoldOut

    def __post_init__(self) -> None:
        if isinstance(self.text_column, str) != isinstance(self.label_column, str):
            raise ConfigError(
                "`text_column` and `label_column` must be two names of a header or two numbers. "
                f"Received: {self.text_column!r} and {self.label_column!r}."
            )
        if both := set(map(str, self.negative)) & set(map(str, self.positive)):
            raise ConfigError(f"A label must be `negative` or `positive`. Received: {', '.join(sorted(both))} in both.")
        wanted = self._values if self.labels == "ratings" else self.classes
        if sorted(wanted) != sorted(self.classes) or (self.labels == "polarity" and len(self.classes) != 2):
            raise ConfigError(
                f"`classes` must name {'every rating' if self.labels == 'ratings' else 'two classes'}. Received: "
                f"{', '.join(self.classes)}; the ratings are {', '.join(self._values)}."
            )
        if self.test_file is not None and self.test.fraction:
            raise ConfigError(
                f"`test.fraction` must be 0 where there is a test file. Received: {self.test.fraction} beside "
                f"{self.test_file.name}. Set `dataset.test_file=null` to hold a part of the training file out."
            )

    @property
    def _values(self) -> list[str]:
        return [str(value) for value in (*self.negative, *self.positive)]

    def load(self) -> Corpus:
        """Reads, labels, cleans and splits the reviews.

        Raises:
            DataError: If a file is missing or damaged, or nothing is left of it.
        """
        files = [file for file in (self.train_file, self.test_file) if file is not None]
        contents = read_all(
            files,
            self.path,
            advice="To train on that file alone: `dataset.test_file=null dataset.test.fraction=0.1`.",
        )
        read = [self._rows(content) for content in contents]
        read[0] = read[0].first(self.rows)
        kept = [self._reviews(content, rows) for content, rows in zip(contents, read, strict=True)]
        return Corpus(
            name=self.name,
            language=self.language,
            splits=self._splits(*kept),
            read={content.name: len(rows) for content, rows in zip(contents, read, strict=True)},
            dropped={"empty": sum(map(len, read)) - sum(map(len, kept))},
            sha256=sha256_of(contents),
            source=", ".join(content.source for content in contents),
            licence=self.licence,
            classes=self.classes,
        )

    def clean(self, text: str) -> str:
        """Returns what training would have seen of a text."""
        return _clean(text, self.cleaning)

    def _splits(self, train: Reviews, test: Reviews | None = None) -> Splits[Reviews]:
        parts = split(train, test=self.test, validation=self.validation)
        return parts if test is None else Splits(parts.train, parts.valid, test)

    def _rows(self, content: Content) -> _Rows:
        found = records(content, separator=self.separator)
        first = next(found, None)
        if first is None:
            raise DataError(f"{content.source} must hold reviews. Received: an empty file. Replace it by a good copy.")
        text, label = self._places(content, first)
        lines, texts, labels = [], [], []
        for line, fields in found if isinstance(self.text_column, str) else chain([first], found):
            lines.append(line)
            texts.append(self.clean(fields[text]))
            labels.append(fields[label].strip())
        return _Rows(lines, texts, labels)

    def _places(self, content: Content, first: Record) -> tuple[int, int]:
        """Returns where the two columns stand, from 0."""
        named = isinstance(self.text_column, str)
        known: list[int | str] = list(first.fields if named else range(1, len(first.fields) + 1))
        for column in (self.text_column, self.label_column):
            if column not in known:
                raise DataError(
                    f"{content.source} must have the columns {self.text_column} and {self.label_column}. Received: "
                    f"{', '.join(map(str, known))}. Set `dataset.text_column` and `dataset.label_column` to two of "
                    "these, and `dataset.separator` to what stands between columns."
                )
        return known.index(self.text_column), known.index(self.label_column)

    def _reviews(self, content: Content, rows: _Rows) -> Reviews:
        full = [row for row, text in enumerate(rows.texts) if text.strip()]
        if not full:
            raise DataError(
                f"At least one review of {content.source} must be left after preparation. Received: {len(rows)} rows, "
                f"none of them with text. Check `dataset.text_column` and `dataset.cleaning={self.cleaning}`."
            )
        label_of = {str(value): 0 for value in self.negative} | {str(value): 1 for value in self.positive}
        if self.labels == "ratings":
            label_of = {name: place for place, name in enumerate(self.classes)}
        for row in full:
            if rows.labels[row] not in label_of:
                raise DataError(
                    f"A label must be one of {', '.join(label_of)}. Received: {rows.labels[row]!r} in line "
                    f"{rows.lines[row]} of {content.source}. Mend that line, or set `dataset.negative` and "
                    "`dataset.positive`."
                )
        labels = np.array([label_of[rows.labels[row]] for row in full], np.int32)
        return Reviews([rows.texts[row] for row in full], labels)


def _clean(text: str, cleaning: Cleaning) -> str:
    """Returns the text as it is (`none`), or only its Hangul letters and spaces (`hangul`)."""
    return _NOT_HANGUL.sub("", text) if cleaning == "hangul" else text
