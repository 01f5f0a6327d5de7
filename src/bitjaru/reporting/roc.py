"""The receiver operating characteristic: what is found against what is falsely taken for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray


@dataclass(frozen=True)
class Roc:
    """One point for each threshold, from none taken to all taken.

    Attributes:
        false_positives: Share of the negatives that are taken for positives, (K,), rising from 0 to 1.
        true_positives: Share of the positives that are found, (K,).
        area: Under the curve: how often a positive gets a higher score than a negative, ties counting half.
    """

    false_positives: FloatArray
    true_positives: FloatArray
    area: float


def roc(targets: IntArray, scores: FloatArray) -> Roc | None:
    """Returns the curve of scores (N,) for targets (N,) of 0 and 1; None where one of the two does not occur."""
    positives = int(np.count_nonzero(targets))
    negatives = len(targets) - positives
    if not positives or not negatives:
        return None
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(targets[order] != 0)
    # Equal scores are taken together: one point where the score changes.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(targets) - 1)
    true = np.concatenate([[0.0], found[ends] / positives])
    false = np.concatenate([[0.0], (ends + 1 - found[ends]) / negatives])
    area = float(np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2))
    corners = _corners(false, true)
    return Roc(false[corners], true[corners], area)


def _corners(x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
    """Which points are needed: those on a straight run between two others are not."""
    steps = np.stack([np.diff(x), np.diff(y)])
    turns = steps[0, :-1] * steps[1, 1:] - steps[1, :-1] * steps[0, 1:]
    return np.concatenate([[True], np.abs(turns) > 1e-12, [True]])
