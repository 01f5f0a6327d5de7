"""How sure a figure is: intervals of accuracies, of their differences, and over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from statistics import NormalDist, fmean, stdev

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate and the two ends of its confidence interval."""

    value: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if not (isfinite(self.low) and isfinite(self.high)):
            return f"{self.value:.4f}"
        return f"{self.value:.4f} {self.bounds}"

    @property
    def bounds(self) -> str:
        """The two ends as text, `[0.8511, 0.8573]`."""
        return f"[{self.low:.4f}, {self.high:.4f}]"


def wilson(accuracy: float, rows: int, *, confidence: float = CONFIDENCE) -> Interval:
    """Returns the score interval of an accuracy (Wilson 1927).

    It stays within 0 and 1 and holds its level for few rows and for accuracies near 1, where the
    textbook interval (accuracy ± 1.96 standard errors) does not.

    Args:
        accuracy: Share of right answers, 0 to 1.
        rows: How many answers that share was taken from.
        confidence: Level of the interval.

    Raises:
        ValueError: If `rows` is below 1 or `accuracy` is no share.
    """
    if rows < 1:
        raise ValueError(f"An accuracy needs at least one row. Received: rows={rows}.")
    if not 0 <= accuracy <= 1:
        raise ValueError(f"`accuracy` must be from 0 to 1. Received: accuracy={accuracy}.")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = (accuracy + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * sqrt(accuracy * (1 - accuracy) / rows + (z / (2 * rows)) ** 2) / (1 + z * z / rows)
    # Rounding may leave the ends a hair inside of an accuracy of exactly 0 or 1.
    return Interval(accuracy, max(0.0, min(accuracy, centre - half)), min(1.0, max(accuracy, centre + half)))


def difference(first: Interval, second: Interval) -> Interval:
    """Returns the interval of `first - second`, two accuracies with their Wilson intervals (Newcombe 1998, method 10).

    It takes the two for independent. Models judged on the same rows err on the same hard rows, so their difference
    varies less than this says: it finds too few differences rather than too many. Where the answers row by row are
    at hand, `paired.mcnemar` and `paired.bootstrap` are sharper.
    """
    gap = first.value - second.value
    low = gap - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    high = gap + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Interval(gap, low, high)


def over_seeds(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval:
    """Returns the mean of one figure over seeds, with the interval of Student's t.

    One seed says nothing about the spread: its interval is infinite, and its text has none.

    Raises:
        ValueError: If `values` is empty.
    """
    from scipy import special  # here, as it takes longer to import than a whole comparison, which needs none of it

    if not values:
        raise ValueError("A mean over seeds needs at least one value. Received: none.")
    mean = fmean(values)
    if len(values) == 1:
        return Interval(mean, -inf, inf)
    t = float(special.stdtrit(len(values) - 1, (1 + confidence) / 2))
    half = t * stdev(values) / sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def between_seeds(first: Sequence[float], second: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval:
    """Returns the mean of `first` less that of `second`, each over its own seeds, with Welch's interval (Welch 1947).

    Where both have one seed, or none varies, nothing is known of the noise: the interval is infinite.

    Raises:
        ValueError: If one of them is empty.
    """
    from scipy import special

    if not first or not second:
        raise ValueError("A difference over seeds needs at least one value of each. Received: none.")
    gap = fmean(first) - fmean(second)
    noise = [(stdev(values) ** 2 / len(values), len(values) - 1) for values in (first, second) if len(values) > 1]
    variance = sum(share for share, _ in noise)
    if len(noise) < 2 or variance == 0:
        return Interval(gap, -inf, inf)
    freedom = variance**2 / sum(share**2 / degrees for share, degrees in noise)
    half = float(special.stdtrit(freedom, (1 + confidence) / 2)) * sqrt(variance)
    return Interval(gap, gap - half, gap + half)
