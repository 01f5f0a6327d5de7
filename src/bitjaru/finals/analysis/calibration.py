"""Whether a model that says 80 % is right in 80 % of such cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray

BINS = 15


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence.

    Attributes:
        confidence: Their mean probability of the class that they name.
        accuracy: Share of them that is right.
        answers: How many.
    """

    confidence: float
    accuracy: float
    answers: int


def reliability(probabilities: FloatArray, right: NDArray[np.bool_]) -> list[Bin]:
    """Sorts answers by confidence into bins of equal size, which no bin of a handful spoils (Nguyen & O'Connor 2015).

    Args:
        probabilities: (N, K); one column is the probability of class 1.
        right: Whether each answer is right, (N,).
    """
    shares = probabilities
    confidence = np.maximum(shares[:, 0], 1 - shares[:, 0]) if shares.shape[1] == 1 else shares.max(axis=1)
    order = np.argsort(confidence, kind="stable")
    return [
        Bin(float(confidence[rows].mean()), float(right[rows].mean()), len(rows))
        for rows in np.array_split(order, BINS)
        if len(rows)
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Returns how far confidence is from accuracy, weighted by answers (Naeini et al. 2015; Guo et al. 2017)."""
    answers = sum(each.answers for each in bins)
    return sum(each.answers * abs(each.confidence - each.accuracy) for each in bins) / answers
