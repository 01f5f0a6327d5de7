"""Every final's answers to every test review: what all of the analysis starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray
from bitjaru.errors import DataError
from bitjaru.models.answers import Answers, Keys, right

Right = NDArray[np.bool_]


@dataclass(frozen=True)
class Scores:
    """F finalists with S seeds each, on N test reviews.

    Attributes:
        names: Of the finalists, F.
        seeds: S.
        keys: Of the reviews, (N,).
        targets: Their classes, (N,).
        probabilities: (F, S, N, K).
    """

    names: Sequence[str]
    seeds: Sequence[int]
    keys: Keys
    targets: IntArray
    probabilities: FloatArray

    @classmethod
    def of(cls, answers: Sequence[Sequence[Answers]], names: Sequence[str], seeds: Sequence[int]) -> "Scores":
        """Lines up what the finals answered.

        Args:
            answers: Of each finalist, with each seed.
            names: Of the finalists.
            seeds: In the same order.

        Raises:
            DataError: If they have not answered the same reviews.
        """
        first = _in_order(answers[0][0])
        probabilities = []
        for name, of_finalist in zip(names, answers, strict=True):
            lined = [_in_order(each) for each in of_finalist]
            for seed, each in zip(seeds, lined, strict=True):
                if not np.array_equal(each.keys, first.keys) or not np.array_equal(each.targets, first.targets):
                    raise DataError(
                        f"All finals must answer the same test reviews. Received: {len(first):,} of {names[0]}, and "
                        f"{len(each):,} others of {name} with seed {seed}. Did the data change? Begin anew: delete "
                        "the finals' folder."
                    )
            probabilities.append(np.stack([each.probabilities for each in lined]))
        return cls(names, seeds, first.keys, first.targets, np.stack(probabilities))

    @cached_property
    def right(self) -> Right:
        """Whether each answer names the true class, (F, S, N)."""
        finalists, seeds, rows, classes = self.probabilities.shape
        flat = Answers(
            np.tile(self.keys, finalists * seeds),
            np.tile(self.targets, finalists * seeds),
            self.probabilities.reshape(-1, classes),
        )
        return right(flat).reshape(finalists, seeds, rows)

    @cached_property
    def accuracies(self) -> FloatArray:
        """Of each finalist with each seed, (F, S)."""
        return np.asarray(self.right.mean(axis=2), np.float64)

    @property
    def by_mean(self) -> list[int]:
        """The finalists' places, the best mean first."""
        return [int(place) for place in np.argsort(-self.accuracies.mean(axis=1), kind="stable")]


def _in_order(answers: Answers) -> Answers:
    return answers.take(np.argsort(answers.keys, kind="stable"))
