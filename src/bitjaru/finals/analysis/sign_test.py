"""The exact paired sign test over seeds, for one pair of finalists or many."""

from collections.abc import Sequence
from math import ceil, comb, log2

import numpy as np

from bitjaru.data import FloatArray

LEVEL = 0.05


def sign_test(first: FloatArray, second: FloatArray) -> float:
    """Tests whether one is better than the other as often as not; seeds that tie are left out (Conover 1999).

    Args:
        first: A figure with each of S seeds, (S,).
        second: Of the other, with the same seeds, (S,).

    Returns:
        The exact two-sided p.
    """
    from scipy import stats

    wins, losses = int(np.sum(first > second)), int(np.sum(first < second))
    if wins + losses == 0:
        return 1.0
    return float(stats.binomtest(wins, wins + losses).pvalue)


def holm(values: Sequence[float]) -> list[float]:
    """Corrects p-values for their number (Holm 1979)."""
    order = np.argsort(values, kind="stable")
    corrected = np.empty(len(values))
    largest = 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = largest
    return [float(value) for value in corrected]


def fewest_seeds(finalists: int) -> int:
    """Returns with how many seeds the sign test can find any difference between so many finalists."""
    return max(ceil(log2(2 * comb(finalists, 2) / LEVEL)), 2)


def usual_p(seeds: int, rate: float) -> float:
    """Returns the p of so many seeds where one finalist wins as often as is usual for it.

    Args:
        seeds: How many.
        rate: Share of all seeds with which it wins; the usual number of wins is the binomial's median.
    """
    from scipy import stats

    wins = int(stats.binom.median(seeds, rate))
    return float(stats.binomtest(wins, seeds).pvalue)
