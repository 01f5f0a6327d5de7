"""How far a mean over seeds and test reviews would move if both were drawn anew."""

from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray
from bitjaru.finals.analysis.scores import Right
from bitjaru.reporting.statistics import CONFIDENCE, Interval

RESAMPLES = 2_000
CHUNK = 100  # resamples at once: (100, N) weights


@dataclass(frozen=True)
class TwoLevel:
    """A bootstrap over seeds and over reviews, crossed: all finalists share the seeds and the reviews of each resample.

    Reviews and seeds are both drawn with replacement, as in Owen's pigeonhole bootstrap (2007, Annals of Applied
    Statistics 1:386), so that an interval speaks of other trainings and of other reviews (Bouthillier et al. 2021,
    MLSys: both matter). How far each moves the mean is added up: to draw both at once would count what a training does
    to single reviews three times. It is still counted twice, so that an interval is a little wide where reviews are
    few. Few seeds drawn with replacement spread too little: how far they move the mean is widened to what Student's t
    asks for (Hesterberg 2015, The American Statistician 69:371, on small samples).

    Attributes:
        means: Accuracy of each finalist, (F,).
        by_rows: How far other reviews move each mean, (B, F).
        by_seeds: How far other seeds move it, (B, F), not widened; zeros for a single seed.
        seeds: S.
    """

    means: FloatArray
    by_rows: FloatArray
    by_seeds: FloatArray
    seeds: int

    @classmethod
    def draw(cls, right: Right, *, seed: int, resamples: int = RESAMPLES) -> "TwoLevel":
        """Resamples.

        Args:
            right: Whether each finalist with each seed was right on each review, (F, S, N).
            seed: Of the draws.
            resamples: B.
        """
        finalists, seeds, rows = right.shape
        generator = np.random.default_rng(seed)
        flat = right.reshape(finalists * seeds, rows).T.astype(np.float32)
        accuracies = right.mean(axis=2)
        means = accuracies.mean(axis=1)
        resampled = np.concatenate(
            [
                _weights(generator, min(CHUNK, resamples - start), rows) @ flat / rows
                for start in range(0, resamples, CHUNK)
            ]
        ).reshape(resamples, finalists, seeds)
        of_rows = resampled.mean(axis=2)
        shares = generator.multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples) / seeds
        of_seeds = np.einsum("fs,bs->bf", accuracies, shares)
        return cls(means, np.asarray(of_rows - means, np.float64), np.asarray(of_seeds - means, np.float64), seeds)

    @cached_property
    def moved(self) -> FloatArray:
        """How far both together move each mean, (B, F)."""
        return self.by_rows + self._widening * self.by_seeds

    def mean(self, finalist: int, *, confidence: float = CONFIDENCE) -> Interval:
        """Returns a finalist's accuracy."""
        return _interval(float(self.means[finalist]), self.moved[:, finalist], confidence)

    def difference(self, one: int, other: int, *, confidence: float = CONFIDENCE) -> Interval:
        """Returns the accuracy of one finalist less that of another."""
        gap = float(self.means[one] - self.means[other])
        return _interval(gap, self.moved[:, one] - self.moved[:, other], confidence)

    def parts(self, one: int, other: int) -> tuple[float, float]:
        """Returns the standard errors of a difference that come from seeds and from reviews.

        The first shrinks with the root of the seeds; it is infinite where there is but one.
        """
        if self.seeds == 1:
            return inf, float(np.std(self.by_rows[:, one] - self.by_rows[:, other]))
        seeds = np.std(self.by_seeds[:, one] - self.by_seeds[:, other]) * sqrt(self.seeds / (self.seeds - 1))
        return float(seeds), float(np.std(self.by_rows[:, one] - self.by_rows[:, other]))

    @property
    def _widening(self) -> float:
        return 0.0 if self.seeds == 1 else sqrt(self.seeds / (self.seeds - 1)) * student(self.seeds) / normal()


def student(seeds: int, *, confidence: float = CONFIDENCE) -> float:
    """Returns Student's t for so many seeds."""
    from scipy import special

    return float(special.stdtrit(seeds - 1, (1 + confidence) / 2))


def normal(*, confidence: float = CONFIDENCE) -> float:
    """Returns the normal quantile that t approaches."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _weights(generator: np.random.Generator, resamples: int, rows: int) -> NDArray[np.float32]:
    """How often each of N reviews is drawn, (B, N)."""
    weights = np.empty((resamples, rows), np.float32)
    for place in range(resamples):
        weights[place] = np.bincount(generator.integers(rows, size=rows), minlength=rows)
    return weights


def _interval(value: float, moved: FloatArray, confidence: float) -> Interval:
    low, high = np.quantile(moved, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, value + float(low), value + float(high))
