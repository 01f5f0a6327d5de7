"""Rows of a table split into parts: every class in each, groups whole, and texts that stand in two parts told."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import IntArray
from bitjaru.data.reviews import Reviews, Splits
from bitjaru.errors import DataError

Rows = NDArray[np.int64]
_SIGNS = re.compile(r"[\W_]+")


def stratified(labels: IntArray, fraction: float, *, seed: int, names: Sequence[str]) -> tuple[Rows, Rows]:
    """Divides rows so that both sides have every class in like shares.

    Args:
        labels: Of each row, (N,).
        fraction: Share set aside.
        seed: Of the draw.
        names: Of the classes.

    Returns:
        The rows that stay and those set aside, in the order of the file.

    Raises:
        DataError: If a class has fewer than two rows.
    """
    random, aside = np.random.default_rng(seed), []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if len(rows) < 2:
            raise DataError(
                f"Every class needs rows for two parts. Received: {len(rows)} of {names[label]!r}. Read more rows, or "
                "leave its label out: `dataset.leave_out`."
            )
        count = min(max(1, round(fraction * len(rows))), len(rows) - 1)
        aside.append(random.permutation(rows)[:count])
    taken = np.sort(np.concatenate(aside))
    return np.setdiff1d(np.arange(len(labels)), taken), taken


def grouped(groups: Sequence[str], fraction: float, *, seed: int) -> tuple[Rows, Rows]:
    """Divides rows so that no group stands on both sides.

    Raises:
        DataError: If there are fewer than two groups.
    """
    members = defaultdict[str, list[int]](list)
    for row, group in enumerate(groups):
        members[group].append(row)
    if len(members) < 2:
        raise DataError(f"`dataset.group_column` must have two groups at least. Received: {len(members)}.")
    aside: list[int] = []
    names = list(members)
    for place in np.random.default_rng(seed).permutation(len(names))[:-1]:
        if len(aside) >= fraction * len(groups):
            break
        aside += members[names[place]]
    taken = np.sort(np.array(aside, np.int64))
    return np.setdiff1d(np.arange(len(groups)), taken), taken


def repeated(splits: Splits[Reviews]) -> dict[str, int]:
    """Counts the texts of the other parts that stand in the training part too, but for case, spaces and signs."""
    known = digests(splits.train.texts)
    return {
        part: int(np.isin(digests(reviews.texts), known).sum()) for part, reviews in splits.items() if part != "train"
    }


def digests(texts: Sequence[str]) -> Rows:
    """Returns a number for each text, (N,), equal for texts that differ in case, spaces and signs only.

    The texts themselves, without these, would be in memory a second time. That two others share their 64 bits happens
    once in a million files of eight million reviews. The numbers mean nothing to another process.
    """
    return np.fromiter((hash(plain(text)) for text in texts), np.int64, len(texts))


def plain(text: str) -> str:
    """Returns a text without case, spaces and signs."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def take(reviews: Reviews, groups: Sequence[str] | None, rows: Rows) -> tuple[Reviews, list[str] | None]:
    """Returns reviews at these rows, with their groups."""
    kept: Any = None if groups is None else [groups[row] for row in rows]
    return reviews.take(rows), kept
