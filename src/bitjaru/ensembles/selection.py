"""Greedy selection of an ensemble from a library of models (Caruana et al. 2004), by the Brier score (Brier 1950).

Accuracy jumps by whole reviews, so that among steps that hardly differ chance decides; the Brier score also sees by how
much an answer was right. On NSMC and IMDB, validation reviews that had no say found its ensembles more accurate.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray

STEPS = 25  # at most: a further copy of a member would change its share by less than 4 %
DIGITS = 9


@dataclass(frozen=True)
class Costs:
    """Milliseconds a review.

    Attributes:
        answering: Of each of M models, (M,), without cutting texts into tokens.
        tokenizers: Which tokenizers each model needs, by name.
        tokenizing: Of each tokenizer.
    """

    answering: FloatArray
    tokenizers: Sequence[Collection[str]]
    tokenizing: Mapping[str, float]

    def of(self, members: Collection[int]) -> float:
        """Returns what some models take together: members that share a tokenizer pay for it once."""
        needed = {name for member in members for name in self.tokenizers[member]}
        return float(sum(self.answering[member] for member in members) + sum(self.tokenizing[name] for name in needed))


@dataclass(frozen=True)
class Library:
    """Answers of M models to N reviews, in two halves.

    Attributes:
        probabilities: (M, N, K); K = 1 is the probability of class 1.
        targets: (N,).
        chosen_by: Whether a review is in the half by which members are chosen, (N,); the others confirm.
        costs: Of each model.
    """

    probabilities: FloatArray
    targets: IntArray
    chosen_by: NDArray[np.bool_]
    costs: Costs

    @classmethod
    def split(cls, probabilities: FloatArray, targets: IntArray, costs: Costs, *, seed: int) -> "Library":
        """Halves the reviews at random."""
        order = np.random.default_rng(seed).permutation(len(targets))
        return cls(probabilities, targets, order < len(targets) // 2, costs)


@dataclass(frozen=True)
class Ensemble:
    """Models with their shares, which add up to 1.

    Attributes:
        counts: How often each member was taken, by its number.
        chosen: Accuracy on the half by which it was chosen.
        confirmed: Accuracy on the other half.
        brier: The Brier score on that other half: 0 is perfect.
        milliseconds: A review.
    """

    counts: Mapping[int, int] = field(hash=False)
    chosen: float
    confirmed: float
    brier: float
    milliseconds: float

    @property
    def shares(self) -> Mapping[int, float]:
        """The share of each member, the largest first."""
        total = sum(self.counts.values())
        ordered = sorted(self.counts.items(), key=lambda member: (-member[1], member[0]))
        return {member: count / total for member, count in ordered}


def grow(library: Library, *, members: int, milliseconds: float | None) -> list[Ensemble]:
    """Takes again and again the model that helps most, with replacement; returns the ensemble after each step.

    The model helps most that leads to the lowest Brier score; of equal ones the cheaper one, then the earlier one.

    Args:
        library: The models. Only the half by which members are chosen has a say.
        members: Different ones, at most.
        milliseconds: A review, at most; None for any.

    Returns:
        None at all where no model is within the budget.
    """
    half = library.probabilities[:, library.chosen_by]
    targets = library.targets[library.chosen_by]
    counts: Counter[int] = Counter()
    total = np.zeros(half.shape[1:])
    path: list[Ensemble] = []
    for step in range(1, STEPS + 1):
        allowed = [each for each in range(len(half)) if _may_join(each, counts, library.costs, members, milliseconds)]
        if not allowed:
            break
        means = (total[None] + half[allowed]) / step
        costs = [library.costs.of({*counts, each}) for each in allowed]
        # The same sum in another order differs in its last digits: that is no difference.
        order = np.lexsort((np.array(costs), np.round(brier(means, targets), DIGITS)))
        taken = allowed[int(order[0])]
        counts[taken] += 1
        total += half[taken]
        path.append(judge(library, counts))
    return path


def best(path: Sequence[Ensemble]) -> Ensemble:
    """Returns the step with the lowest Brier score on the other half; of equal ones the cheapest, then the first."""
    return min(path, key=lambda ensemble: (round(ensemble.brier, DIGITS), ensemble.milliseconds))


def judge(library: Library, counts: Mapping[int, int]) -> Ensemble:
    """Returns an ensemble with its figures."""
    members = list(counts)
    mean = np.tensordot(list(counts.values()), library.probabilities[members], axes=1) / sum(counts.values())
    chosen, confirmed = library.chosen_by, ~library.chosen_by
    return Ensemble(
        dict(counts),
        float(accuracy(mean[None, chosen], library.targets[chosen])[0]),
        float(accuracy(mean[None, confirmed], library.targets[confirmed])[0]),
        float(brier(mean[None, confirmed], library.targets[confirmed])[0]),
        library.costs.of(members),
    )


def accuracy(probabilities: FloatArray, targets: IntArray) -> FloatArray:
    """Returns the share of right answers of M models, (M,), from their probabilities (M, N, K)."""
    answered = probabilities[:, :, 0] > 0.5 if probabilities.shape[2] == 1 else probabilities.argmax(axis=2)
    return np.asarray((answered == targets).mean(axis=1))


def brier(probabilities: FloatArray, targets: IntArray) -> FloatArray:
    """Returns the Brier score of M models, (M,): the squared distance to the right answer, summed over K, a review."""
    if probabilities.shape[2] == 1:
        return np.asarray(((probabilities[:, :, 0] - targets) ** 2).mean(axis=1))
    right = np.eye(probabilities.shape[2])[targets]
    return np.asarray(((probabilities - right) ** 2).sum(axis=2).mean(axis=1))


def _may_join(each: int, counts: Mapping[int, int], costs: Costs, members: int, milliseconds: float | None) -> bool:
    if each not in counts and len(counts) >= members:
        return False
    return milliseconds is None or costs.of({*counts, each}) <= milliseconds
