"""The finals as tables and sentences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from statistics import median

from bitjaru.ensembles.candidates import SPEED
from bitjaru.finals.analysis.calibration import expected_calibration_error, reliability
from bitjaru.finals.analysis.scores import Scores
from bitjaru.finals.analysis.sign_test import fewest_seeds
from bitjaru.finals.analysis.two_level import TwoLevel
from bitjaru.finals.analysis.verdicts import Verdict, worth_telling
from bitjaru.finals.finalists import spent, unequal
from bitjaru.finals.plan import Plan
from bitjaru.outcome import Outcome
from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.statistics import Interval
from bitjaru.reporting.wording import MISSING, decimals, duration, milliseconds


@dataclass(frozen=True)
class Analysis:
    """All that the finals found.

    Attributes:
        plan: As it was frozen.
        outcomes: Of each finalist with each seed.
        scores: Their answers.
        resampled: The bootstrap over seeds and reviews.
        verdicts: Of every pair.
        megabytes: Of each finalist's saved model; None where it is not known.
        shares: Of the ensemble's members with each seed; empty where there is no ensemble.
    """

    plan: Plan
    outcomes: Sequence[Sequence[Outcome]]
    scores: Scores
    resampled: TwoLevel
    verdicts: Sequence[Verdict]
    megabytes: Sequence[float | None]
    shares: Sequence[Mapping[str, float]]

    @property
    def mean_shares(self) -> dict[str, float]:
        """The ensemble's members over all seeds, the weightiest first."""
        totals: Counter[str] = Counter()
        for shares in self.shares:
            totals.update(shares)
        return {name: total / len(self.shares) for name, total in totals.most_common()}

    def against(self, one: int, other: int) -> Verdict:
        """Returns the verdict on a pair, seen from the first."""
        return next(each.seen_from(one) for each in self.verdicts if {each.one, each.other} == {one, other})


def table(analysis: Analysis) -> Sheet:
    """Lists the finalists, the best mean first, each against the best."""
    best = analysis.scores.by_mean[0]
    rows = [_row(analysis, place, best) for place in analysis.scores.by_mean]
    plan = analysis.plan
    reviews = len(analysis.scores.keys)
    notes = [
        f"Test accuracy over {reviews:,} reviews and {len(plan.seeds)} seeds; 95 % intervals over both (bootstrap).",
        "A seed draws weights, order, dropout and validation part, shared by all.",
        "Holm: exact paired sign test over seeds, corrected for all pairs.",
        f"equivalent: the difference is within ±{100 * plan.margin:g} points, at 5 %. undecided: not that either.",
    ]
    notes.append("ECE: expected calibration error, mean of the seeds; 0 is best. ms and training: medians.")
    if len(plan.seeds) < (needed := fewest_seeds(len(plan.names))):
        notes.append(f"{len(plan.seeds)} seeds cannot call any of {len(rows)} finalists better: {needed} can.")
    if analysis.shares:
        said = ", ".join(f"{name} {share:.0%}" for name, share in analysis.mean_shares.items())
        notes.append(f"ensemble: chosen anew with each seed, by its validation part; mean shares: {said}.")
    if (told := unequal(plan.finalists) or spent(plan.finalists)) is not None:
        notes.append(told)
    return Sheet(
        title=f"finals of {plan.searched} on {plan.dataset}",
        columns=[
            Column("", figures=False),
            *(
                Column(name)
                for name in ("test accuracy", "95 %", "to the best", "95 % of it", "P(best wins)", "Holm p")
            ),
            Column("against the best", figures=False, breaks=True),
            *(Column(name) for name in ("ECE", "ms a review", "MB", "training")),
        ],
        rows=rows,
        styles=["bold", *("" for _ in rows[1:])],
        notes=notes,
    )


def pairs(analysis: Analysis) -> Sheet:
    """Lists every pair, the better mean first."""
    order = analysis.scores.by_mean
    rows = []
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            verdict = analysis.against(one, other)
            rows.append(
                [
                    f"{analysis.scores.names[one]} – {analysis.scores.names[other]}",
                    f"{100 * verdict.difference.value:+z.2f}",
                    points(verdict.difference),
                    f"{verdict.wins:.0%}",
                    f"{verdict.p:.3g}",
                    f"{verdict.holm:.3g}",
                    wording(verdict),
                ]
            )
    return Sheet(
        title="every pair",
        columns=[
            Column("", figures=False),
            *(Column(name) for name in ("points", "95 %", "P(A > B)", "p", "Holm p")),
            Column("verdict of the first", figures=False, breaks=True),
        ],
        rows=rows,
    )


def sentences(analysis: Analysis) -> list[str]:
    """Says what was found, each finalist against the next, and the nearest that it is ahead of."""
    names = analysis.scores.names
    told = worth_telling(analysis.scores.by_mean, lambda one, other: analysis.against(one, other).word)
    return [_sentence(names[one], names[other], analysis.against(one, other), analysis.plan) for one, other in told]


def wording(verdict: Verdict) -> str:
    """Puts a verdict into a few words."""
    if verdict.word == "undecided":
        return f"undecided ({_needed(verdict)})"
    small = verdict.word in {"better", "worse"} and verdict.within_margin
    return f"{verdict.word}, by less than the margin" if small else verdict.word


def points(interval: Interval) -> str:
    """Returns an interval of a difference in points."""
    return f"[{100 * interval.low:+z.2f}, {100 * interval.high:+z.2f}]"


def _needed(verdict: Verdict) -> str:
    needed = verdict.seeds_needed
    return "more test reviews" if needed is None or isinf(needed) else f"about {needed:.0f} seeds"


def _more(verdict: Verdict) -> str:
    needed = verdict.seeds_needed
    if needed is None or isinf(needed):
        return "more seeds alone will not decide: more test reviews"
    return f"more seeds: about {needed:.0f}"


def _sentence(one: str, other: str, verdict: Verdict, plan: Plan) -> str:
    gap = f"{100 * verdict.difference.value:.2f} points {points(verdict.difference)}"
    if verdict.word == "better":
        small = f", less than the margin of {100 * plan.margin:g} points" if verdict.within_margin else ""
        return f"{one} is ahead of {other} by {gap}{small}, Holm p = {verdict.holm:.2g}."
    if verdict.word == "equivalent":
        return f"{one} and {other} are equivalent within {100 * plan.margin:g} points (difference {gap})."
    return f"{one} and {other}: undecided (difference {gap}, Holm p = {verdict.holm:.2g}; {_more(verdict)})."


def _row(analysis: Analysis, place: int, best: int) -> list[str]:
    mean, outcomes = analysis.resampled.mean(place), analysis.outcomes[place]
    verdict = None if place == best else analysis.against(place, best)
    speeds = [each.metrics[SPEED] for each in outcomes if SPEED in each.metrics]
    return [
        analysis.scores.names[place],
        decimals(mean.value),
        mean.bounds,
        *(
            [MISSING] * 4 + ["best"]
            if verdict is None
            else [
                f"{100 * verdict.difference.value:+z.2f}",
                points(verdict.difference),
                f"{1 - verdict.wins:.0%}",
                f"{verdict.holm:.3g}",
                wording(verdict),
            ]
        ),
        decimals(calibration_error(analysis.scores, place)),
        milliseconds(median(speeds) if speeds else None),
        MISSING if analysis.megabytes[place] is None else f"{analysis.megabytes[place]:.1f}",
        duration(median(each.seconds for each in outcomes)),
    ]


def calibration_error(scores: Scores, place: int) -> float:
    """Returns the mean expected calibration error of a finalist's seeds."""
    errors = [
        expected_calibration_error(reliability(probabilities, right))
        for probabilities, right in zip(scores.probabilities[place], scores.right[place], strict=True)
    ]
    return sum(errors) / len(errors)
