"""Two models on the reviews that both have answered: better, tie or worse."""

from dataclasses import dataclass
from typing import Literal

from bitjaru.models.answers import Answers, right
from bitjaru.promotion.gate import Gate
from bitjaru.reporting.paired import PairedTest, Pairs, bootstrap, mcnemar
from bitjaru.reporting.statistics import Interval

Standing = Literal["better", "tie", "worse"]


@dataclass(frozen=True)
class Comparison:
    """The first model against the second.

    Attributes:
        pairs: Counts of right and wrong answers.
        test: McNemar's.
        difference: Of the accuracies, with a paired bootstrap interval.
        standing: Of the first: a difference that the test does not find is a tie.
    """

    pairs: Pairs
    test: PairedTest
    difference: Interval
    standing: Standing

    @property
    def figure(self) -> str:
        """The difference in points of per cent, as in `+1.25 points [+0.80, +1.70]`."""
        points = [100 * value for value in (self.difference.value, self.difference.low, self.difference.high)]
        return f"{self.standing}: {points[0]:+z.2f} points [{points[1]:+z.2f}, {points[2]:+z.2f}]"

    @property
    def note(self) -> str:
        """How that was found."""
        return (
            f"{self.test.method}: p = {self.test.p:.2g}; only the challenger right on {self.pairs.first_only:,}, only "
            f"the other on {self.pairs.second_only:,} of {self.pairs.rows:,} rows."
        )


def compare(first: Answers, second: Answers, gate: Gate) -> Comparison | None:
    """Compares two models on the reviews that both have answered; None where there is no such review."""
    one, other = first.shared(second)
    if not len(one):
        return None
    pairs = Pairs.count(right(one), right(other))
    test = mcnemar(pairs)
    difference = bootstrap(pairs, seed=gate.seed, resamples=gate.resamples)
    standing: Standing = "tie"
    if test.p < gate.significance and difference.value != 0:
        standing = "better" if difference.value > 0 else "worse"
    return Comparison(pairs, test, difference, standing)
