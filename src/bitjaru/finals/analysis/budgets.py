"""Who wins on which budget: the best validation figure that so many trials of a search can be expected to find."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Budget:
    """What n trials of one architecture bring.

    Attributes:
        trials: n.
        seconds: That n trials take, at the mean of all.
        expected: The best validation figure among n.
    """

    trials: int
    seconds: float
    expected: float


def expected_best(values: Sequence[float], seconds: Sequence[float]) -> list[Budget]:
    """Returns the expected best of n of the trials, for every n (Dodge et al. 2019, EMNLP).

    Drawn without replacement: with replacement, as Dodge et al. have it, the estimate is too low (Tang et al. 2020,
    ACL). Exact for a search whose trials do not learn from each other; of one that does, it says what its trials
    would have brought in another order.

    Args:
        values: The figure of each of N trials; more is better.
        seconds: What each took.

    Raises:
        ValueError: If there is none, or not as many of both.
    """
    if not values or len(values) != len(seconds):
        raise ValueError(
            f"A budget needs a figure and a time for each trial. Received: {len(values)} and {len(seconds)}."
        )
    ordered, count = np.sort(values), len(values)
    mean, ranks = float(np.mean(seconds)), np.arange(len(values))
    likely = np.full(count, 1 / count)  # that each is the best of n: C(rank, n - 1) / C(N, n), here for n = 1
    budgets = []
    for n in range(1, count + 1):
        budgets.append(Budget(trials=n, seconds=n * mean, expected=float(likely @ ordered)))
        if n < count:
            likely = likely * (ranks - n + 1) / n * (n + 1) / (count - n)
    return budgets
