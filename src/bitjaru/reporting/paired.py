"""Which of two models is better, from their answers to the same rows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bitjaru.reporting.statistics import CONFIDENCE, Interval

EXACT_BELOW = 25


@dataclass(frozen=True)
class Pairs:
    """How often two models were right on the same rows.

    Attributes:
        both: Rows where both were right.
        first_only: Rows where only the first was right.
        second_only: Rows where only the second was right.
        neither: Rows where both were wrong.
    """

    both: int
    first_only: int
    second_only: int
    neither: int

    @classmethod
    def count(cls, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> "Pairs":
        """Counts from whether each model was right, (N,) and (N,), in the same order of rows.

        Raises:
            ValueError: If the two are not of one length, or empty.
        """
        if len(first) != len(second) or not len(first):
            raise ValueError(
                f"Both models must answer the same rows. Received: {len(first)} and {len(second)} answers."
            )
        cells = np.bincount(2 * ~first.astype(bool) + ~second.astype(bool), minlength=4)
        return cls(*(int(cell) for cell in cells))

    @property
    def rows(self) -> int:
        """N, the number of rows."""
        return self.both + self.first_only + self.second_only + self.neither


@dataclass(frozen=True)
class PairedTest:
    """Name and two-sided p-value of a test between two models on the same rows."""

    method: Literal["McNemar, exact", "McNemar, mid-p"]
    p: float


def mcnemar(pairs: Pairs) -> PairedTest:
    """Tests whether two models are right equally often.

    Exact binomial below 25 discordant pairs. From there on mid-p, still computed from the binomial distribution:
    the exact test is too cautious, the corrected chi-square one as well, and the uncorrected one sometimes too
    bold (Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91).
    """
    from scipy import special  # here, since few commands need it and importing it takes long

    few, many = sorted((pairs.first_only, pairs.second_only))
    at_most = float(special.bdtr(few, few + many, 0.5))
    if few + many < EXACT_BELOW:
        return PairedTest("McNemar, exact", min(1.0, 2 * at_most))
    below = float(special.bdtr(few - 1, few + many, 0.5)) if few else 0.0
    # The general formula counts the middle of the distribution twice where both counts are equal.
    return PairedTest("McNemar, mid-p", at_most + below if few < many else 1 - (at_most - below) / 2)


def bootstrap(pairs: Pairs, *, seed: int, resamples: int = 2_000, confidence: float = CONFIDENCE) -> Interval:
    """Returns the percentile interval of accuracy(first) - accuracy(second) over resampled rows.

    A row can only add 1, 0 or -1 to the difference, so that drawing N rows with replacement is one multinomial draw
    of three counts: the cost does not depend on N.

    Args:
        pairs: The two models on the same rows.
        seed: Of the draws.
        resamples: How many times N rows are drawn.
        confidence: Level of the interval.
    """
    shares = np.array([pairs.first_only, pairs.second_only, pairs.both + pairs.neither]) / pairs.rows
    counts = np.random.default_rng(seed).multinomial(pairs.rows, shares, size=resamples)
    differences = (counts[:, 0] - counts[:, 1]) / pairs.rows
    low, high = np.quantile(differences, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval((pairs.first_only - pairs.second_only) / pairs.rows, float(low), float(high))
