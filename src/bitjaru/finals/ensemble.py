"""The ensemble as a finalist: chosen out of the others anew with each seed, by that seed's validation part alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bitjaru.ensembles.candidates import SPEED
from bitjaru.ensembles.members import mean
from bitjaru.ensembles.selection import Costs, Library, best, grow
from bitjaru.models.answers import Answers, accuracy
from bitjaru.outcome import Outcome

NAME = "ensemble"
MEMBERS = 5  # at most, as in `bitjaru ensemble`


@dataclass(frozen=True)
class Final:
    """The ensemble with one seed.

    Attributes:
        outcome: As of a run: it answers in the time of its members, and is trained in the time of all finalists.
        test: Its answers.
        shares: Of each member, above 0.
    """

    outcome: Outcome
    test: Answers
    shares: Mapping[str, float]


def choose(runs: Mapping[str, Outcome], valid: Sequence[Answers], test: Sequence[Answers], *, seed: int) -> Final:
    """Chooses members out of the finalists with one seed, which share its validation part.

    Args:
        runs: By the finalists' names.
        valid: Of each, the answers to the validation part.
        test: Of each, the answers to the test part, which have no say.
        seed: Of the finals; it halves the validation part too.
    """
    lined = [each.take(np.argsort(each.keys, kind="stable")) for each in valid]
    names, costs = list(runs), _costs(list(runs.values()))
    library = Library.split(np.stack([each.probabilities for each in lined]), lined[0].targets, costs, seed=seed)
    kept = best(grow(library, members=MEMBERS, milliseconds=None))
    shares = {names[member]: share for member, share in kept.shares.items()}
    answers = {
        part: mean([of_part[member] for member in kept.shares], list(shares.values()))
        for part, of_part in (("valid", lined), ("test", test))
    }
    return Final(_outcome(runs, shares, answers, kept.milliseconds), answers["test"], shares)


def _costs(runs: Sequence[Outcome]) -> Costs:
    """What each takes alone, tokenizing included: together they take that at most."""
    return Costs(np.array([each.metrics.get(SPEED, 0.0) for each in runs]), [()] * len(runs), {})


def _outcome(
    runs: Mapping[str, Outcome], shares: Mapping[str, float], answers: Mapping[str, Answers], milliseconds: float
) -> Outcome:
    members = [runs[name] for name in shares]
    weights = [each.weights for each in members if each.weights is not None]
    figures = {f"{part}_accuracy": accuracy(each) for part, each in answers.items()}
    return Outcome(
        status="FINISHED",
        reason=None,
        number=None,
        choices={**members[0].choices, "architecture": NAME},
        overrides=[],
        seed=members[0].seed,
        data_sha256=members[0].data_sha256,
        rows=members[0].rows,
        weights=sum(weights) if len(weights) == len(members) else None,
        history={},
        best_epoch=None,
        objective=figures["valid_accuracy"],
        metrics={**figures, SPEED: milliseconds},
        epoch_seconds=None,
        seconds=sum(each.seconds for each in runs.values()),
        run_id=None,
    )
