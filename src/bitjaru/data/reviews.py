"""Labelled texts, and the three parts that a data set is split into."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from numpy.typing import NDArray

from bitjaru.data import IntArray

X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True)
class Reviews:
    """Texts (N) and their labels (N,), int32; the label -1 is none."""

    texts: Sequence[str]
    labels: IntArray

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise ValueError(
                f"Every text needs one label. Received: {len(self.texts)} texts, {len(self.labels)} labels."
            )

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: NDArray[Any]) -> "Reviews":
        """Returns the reviews at these row numbers, in their order."""
        return Reviews([self.texts[row] for row in rows], self.labels[rows])


@dataclass(frozen=True)
class Splits(Generic[X]):
    """One value each for the training, validation and test part; the last two may be absent."""

    train: X
    valid: X | None
    test: X | None

    def map(self, change: Callable[[X], Y]) -> "Splits[Y]":
        """Returns the parts that exist, changed."""
        return Splits(
            train=change(self.train),
            valid=None if self.valid is None else change(self.valid),
            test=None if self.test is None else change(self.test),
        )

    def zip(self, other: "Splits[Y]") -> "Splits[tuple[X, Y]]":
        """Pairs the parts that both have."""
        return Splits(
            train=(self.train, other.train),
            valid=None if self.valid is None or other.valid is None else (self.valid, other.valid),
            test=None if self.test is None or other.test is None else (self.test, other.test),
        )

    def items(self) -> Iterator[tuple[str, X]]:
        """Yields the name and value of each part that exists: `train`, `valid`, `test`."""
        yield "train", self.train
        if self.valid is not None:
            yield "valid", self.valid
        if self.test is not None:
            yield "test", self.test


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A loaded data set: its reviews, and where they came from.

    Attributes:
        name: The option's name in `conf/dataset`.
        language: ISO 639-1 code of the texts, `ko` or `en`.
        splits: The reviews of each part.
        read: Rows read from each file, before anything was dropped.
        dropped: Why rows were dropped, and how many: `{"empty": 8}`.
        sha256: Over the full content of every file read (for generated data, over the rows).
        source: The address or path that the rows came from.
        licence: The licence of the texts, as its publisher names it.
        classes: Names of the labels 0 … C-1; empty where rows have no label.
    """

    name: str
    language: str
    splits: Splits[Reviews]
    read: Mapping[str, int]
    dropped: Mapping[str, int]
    sha256: str
    source: str
    licence: str
    classes: Sequence[str]
