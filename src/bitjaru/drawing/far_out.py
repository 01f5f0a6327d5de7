"""Values that would squeeze all others into a corner of a picture."""

import numpy as np
from numpy.typing import NDArray

FENCE = 3.0  # times the distance between the quartiles: "far out" (Tukey, Exploratory Data Analysis, 1977)
Values = NDArray[np.float64]


def fence(values: Values, sign: int) -> float:
    """Returns where a picture of these values may end on the worse side, for the rest to be told apart.

    Args:
        values: Any number of them, in which nan stands for none.
        sign: 1 where more is better, -1 where less is.
    """
    seen = values[np.isfinite(values)]
    if not len(seen):
        return -np.inf * sign
    lower, upper = np.quantile(seen, [0.25, 0.75])
    if lower == upper:
        return -np.inf * sign
    return float(lower - FENCE * (upper - lower) if sign > 0 else upper + FENCE * (upper - lower))


def beyond(values: Values, limit: float, sign: int) -> NDArray[np.bool_]:
    """Returns which values lie on the worse side of a fence; nan lies nowhere."""
    return values * sign < limit * sign


def told(count: int) -> str:
    """Says how many lines the picture cuts; nothing where it cuts none."""
    return f"; {count:,} {'leaves' if count == 1 else 'leave'} the picture" if count else ""
