"""The chosen runs, and what they answer together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bitjaru.ensembles.candidates import Candidates, answers
from bitjaru.ensembles.selection import Ensemble
from bitjaru.errors import DataError
from bitjaru.models.answers import Answers, accuracy
from bitjaru.tracking.registry.candidate import Candidate


@dataclass(frozen=True)
class Members:
    """The chosen runs.

    Attributes:
        runs: In the order of their shares.
        shares: Of each, above 0.
        answers: By part, the ensemble's answers to all reviews.
    """

    runs: Mapping[str, Candidate]
    shares: Mapping[str, float]
    answers: Mapping[str, Answers]

    @classmethod
    def of(cls, uri: str, candidates: Candidates, ensemble: Ensemble) -> "Members":
        """Puts the answers that the members kept together.

        Raises:
            BundleError: If the answers of one are gone.
        """
        chosen = {candidates.runs[member].run_id: candidates.runs[member] for member in ensemble.shares}
        shares = dict(zip(chosen, ensemble.shares.values(), strict=True))
        kept = {"valid": [candidates.valid[member] for member in ensemble.shares]}
        if all("test" in run.rows for run in chosen.values()):
            kept["test"] = [answers(uri, run, "test") for run in chosen.values()]
        return cls(chosen, shares, {part: mean(each, list(shares.values())) for part, each in kept.items()})

    @property
    def figures(self) -> dict[str, float]:
        """The accuracy on all reviews of each part that the members have answered; an ensemble leaves none out."""
        figures = {part: accuracy(kept) for part, kept in self.answers.items()}
        return {f"{part}_{name}": value for part, value in figures.items() for name in ("accuracy", "accuracy_all")}


def mean(answers: list[Answers], shares: list[float]) -> Answers:
    """Returns the weighted mean of several models' answers to the same reviews, in the order of the first.

    Raises:
        DataError: If they have answered different ones.
    """
    first = answers[0]
    total = np.zeros_like(first.probabilities)
    for each, share in zip(answers, shares, strict=True):
        own, others = first.shared(each)
        if len(own) != len(first) or len(each) != len(first):
            raise DataError(
                f"All members must have answered the same reviews. Received: {len(first):,} and {len(each):,}, of "
                f"which {len(own):,} are the same. Name runs that fit with `--runs`."
            )
        places = np.searchsorted(own.keys, first.keys)  # what is shared comes sorted by its keys
        total += share * others.probabilities[places]
    return Answers(first.keys, first.targets, total)
