"""What preparation made of a data set: rows read, dropped and kept, labels, lengths, words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import IntArray
from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary

PERCENTILES = (5, 95, 99)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a data set after preparation.

    Attributes:
        rows: Reviews that were kept.
        too_few_tokens: Reviews that were dropped after tokenizing.
        labels: How many reviews each of the C classes has; empty where reviews have no label.
        mean: Of the tokens of a review; None without reviews, as for all of the following.
        median: Of the same.
        percentiles: Of the same: the 5th, 95th and 99th.
        longest: Of the same.
        cut: Reviews longer than `max_len`.
        tokens: In all reviews.
        unknown: Tokens that are not in the vocabulary.
    """

    rows: int
    too_few_tokens: int
    labels: tuple[int, ...]
    mean: float | None
    median: float | None
    percentiles: Mapping[int, float]
    longest: int | None
    cut: int
    tokens: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class Description:
    """A prepared data set; the fields that a `Corpus` has too mean the same."""

    name: str
    language: str
    source: str
    licence: str
    sha256: str
    read: Mapping[str, int]
    dropped: Mapping[str, int]
    classes: Sequence[str]
    max_len: int
    vocabulary: int
    specials: Sequence[str]
    parts: Mapping[str, Part]


def describe(
    loaded: Corpus, *, kept: Splits[Reviews], tokens: Splits[Tokens], vocabulary: Vocabulary, max_len: int
) -> Description:
    """Describes a data set after preparation.

    Args:
        loaded: The data set before reviews were dropped for having too few tokens.
        kept: The reviews that are left.
        tokens: Of those.
        vocabulary: Of the training part.
        max_len: T; longer reviews are cut.
    """
    before, after = dict(loaded.splits.items()), dict(kept.items())
    parts = {
        name: _part(part, len(before[name]), after[name].labels, len(loaded.classes), vocabulary, max_len)
        for name, part in tokens.items()
    }
    return Description(
        name=loaded.name,
        language=loaded.language,
        source=loaded.source,
        licence=loaded.licence,
        sha256=loaded.sha256,
        read=dict(loaded.read),
        dropped=dict(loaded.dropped),
        classes=tuple(loaded.classes),
        max_len=max_len,
        vocabulary=len(vocabulary),
        specials=vocabulary.specials,
        parts=parts,
    )


def _part(tokens: Tokens, before: int, labels: IntArray, classes: int, vocabulary: Vocabulary, max_len: int) -> Part:
    lengths: NDArray[np.int64] = tokens.lengths
    some = len(lengths) > 0
    return Part(
        rows=len(tokens),
        too_few_tokens=before - len(tokens),
        labels=tuple(np.bincount(labels, minlength=classes).tolist()) if classes else (),
        mean=float(lengths.mean()) if some else None,
        median=float(np.median(lengths)) if some else None,
        percentiles=dict(zip(PERCENTILES, np.percentile(lengths, PERCENTILES).tolist(), strict=True)) if some else {},
        longest=int(lengths.max()) if some else None,
        cut=int(np.count_nonzero(lengths > max_len)),
        tokens=len(tokens.codes),
        unknown=int(np.count_nonzero(~vocabulary.knows(tokens))),
    )
