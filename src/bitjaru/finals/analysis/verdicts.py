"""Better, worse, equivalent, or undecided: what the finals say of each pair of finalists."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from math import inf, sqrt
from statistics import NormalDist
from typing import Literal, TypeVar

import numpy as np

from bitjaru.data import FloatArray
from bitjaru.finals.analysis.sign_test import LEVEL, fewest_seeds, holm, sign_test, usual_p
from bitjaru.finals.analysis.two_level import TwoLevel, normal, student
from bitjaru.reporting.statistics import Interval

EQUIVALENCE = 1 - 2 * LEVEL  # two one-sided tests at 5 % are a 90 % interval within the margin (Schuirmann 1987)
MOST_SEEDS = 200

T = TypeVar("T")
Word = Literal["better", "worse", "equivalent", "undecided"]


@dataclass(frozen=True)
class Verdict:
    """One finalist against another.

    Attributes:
        one: Place of the first finalist.
        other: Place of the second.
        difference: Of their accuracies, over seeds and reviews, 95 %.
        wins: Share of the seeds with which the first was better, ties half: P(A > B) (Bouthillier et al. 2021).
        p: Exact paired sign test over seeds (Dror et al. 2018; Demšar 2006), two-sided.
        holm: The same, corrected for all pairs (Holm 1979).
        word: Better or worse: `holm` below 5 %, and the interval without 0. Equivalent: the 90 % interval is within
            the margin. Both can hold; then better or worse is said, and `within_margin` too.
        within_margin: Whether the 90 % interval is within the margin.
        seeds_needed: With how many seeds it would be decided about as often as not, were the true difference that of
            now; None where it is decided, infinite where seeds cannot.
    """

    one: int
    other: int
    difference: Interval
    wins: float
    p: float
    holm: float
    word: Word
    within_margin: bool
    seeds_needed: float | None

    def seen_from(self, finalist: int) -> "Verdict":
        """Returns it as told of this finalist."""
        if finalist == self.one:
            return self
        gap = Interval(-self.difference.value, -self.difference.high, -self.difference.low)
        words: dict[Word, Word] = {"better": "worse", "worse": "better"}
        return Verdict(
            one=self.other,
            other=self.one,
            difference=gap,
            wins=1 - self.wins,
            p=self.p,
            holm=self.holm,
            word=words.get(self.word, self.word),
            within_margin=self.within_margin,
            seeds_needed=self.seeds_needed,
        )


def verdicts(accuracies: FloatArray, resampled: TwoLevel, *, margin: float) -> list[Verdict]:
    """Judges every pair of finalists.

    Args:
        accuracies: Of each finalist with each seed, (F, S); a column is a seed that all share.
        resampled: The bootstrap over seeds and reviews.
        margin: Differences below it do not matter.
    """
    return list(_judged(accuracies, resampled, margin))


def worth_telling(order: Sequence[T], word: Callable[[T, T], str]) -> list[tuple[T, T]]:
    """Returns the pairs that are put into sentences: each with the next, and with the nearest that it is better than.

    Args:
        order: Finalists, the best mean first.
        word: The verdict on a pair, seen from the first.
    """
    told: dict[tuple[T, T], None] = {}
    for place, one in enumerate(order):
        behind = order[place + 1 :]
        beaten = (other for other in behind if word(one, other) == "better")
        told |= dict.fromkeys((one, other) for other in [*behind[:1], *islice(beaten, 1)])
    return list(told)


def _judged(accuracies: FloatArray, resampled: TwoLevel, margin: float) -> Iterator[Verdict]:
    pairs = list(combinations(range(len(accuracies)), 2))
    plain = [sign_test(accuracies[one], accuracies[other]) for one, other in pairs]
    for (one, other), p, corrected in zip(pairs, plain, holm(plain), strict=True):
        gap = resampled.difference(one, other)
        narrow = resampled.difference(one, other, confidence=EQUIVALENCE)
        within = resampled.seeds > 1 and -margin < narrow.low and narrow.high < margin
        word: Word = "equivalent" if within else "undecided"
        if corrected < LEVEL and 0.0 not in gap:
            word = "better" if gap.value > 0 else "worse"
        wins = np.mean((accuracies[one] > accuracies[other]) + 0.5 * (accuracies[one] == accuracies[other]))
        needed = None
        if word == "undecided" and resampled.seeds == 1:
            needed = float(fewest_seeds(len(accuracies)))
        elif word == "undecided":
            needed = _seeds_needed(resampled, one, other, margin, sum(each >= p for each in plain))
        yield Verdict(one, other, gap, float(wins), p, corrected, word, within, needed)


def _seeds_needed(resampled: TwoLevel, one: int, other: int, margin: float, pairs: int) -> float:
    """The fewest with which the difference of now would be decided, its errors of now being those of more seeds.

    A difference that stands just where an interval ends is found in half of all finals, and so is one that wins as
    often as its median: power 50 %.

    Args:
        resampled: With more than one seed.
        one: Place of the first finalist.
        other: Place of the second.
        margin: Differences below it do not matter.
        pairs: For how many Holm's method corrects this one's p: those with a smaller p come before it.
    """
    of_seeds, of_rows = resampled.parts(one, other)
    gap = abs(float(resampled.means[one] - resampled.means[other]))
    of_one_seed = of_seeds * sqrt(resampled.seeds)
    rate = NormalDist(0, of_one_seed).cdf(gap) if of_one_seed else 1.0
    for seeds in range(resampled.seeds + 1, MOST_SEEDS + 1):
        scale = (resampled.seeds / seeds) ** 0.5 * student(seeds) / normal()
        error = float(np.hypot(of_seeds * scale, of_rows))
        differs = gap > normal() * error and pairs * usual_p(seeds, rate) < LEVEL
        if differs or gap + normal(confidence=EQUIVALENCE) * error < margin:
            return float(seeds)
    return inf
