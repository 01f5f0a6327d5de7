"""Values that would squeeze all others into a corner of a picture."""

from collections.abc import Iterable
from math import inf, isfinite
from statistics import quantiles

FENCE = 3.0  # times the distance between the quartiles: "far out" (Tukey, Exploratory Data Analysis, 1977)


def fence(values: Iterable[float], sign: int) -> float:
    """Returns where a picture of these values may end on the worse side, for the rest to be told apart.

    Args:
        values: Any number of them, in which nan stands for none.
        sign: 1 where more is better, -1 where less is.
    """
    seen = [value for value in values if isfinite(value)]
    if len(seen) < 2:
        return -inf * sign
    lower, _, upper = quantiles(seen, n=4, method="inclusive")
    if lower == upper:
        return -inf * sign
    return lower - FENCE * (upper - lower) if sign > 0 else upper + FENCE * (upper - lower)


def beyond(value: float, limit: float, sign: int) -> bool:
    """Returns whether a value lies on the worse side of a fence; nan lies nowhere."""
    return value * sign < limit * sign


def told(count: int) -> str:
    """Says how many lines the picture cuts; nothing where it cuts none."""
    return f"; {count:,} {'leaves' if count == 1 else 'leave'} the picture" if count else ""
