"""How accurate each finalist is by how much it has learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bitjaru.finals.execution import finished
from bitjaru.finals.plan import CURVE_SEEDS, Final, Plan
from bitjaru.outcome import Outcome
from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.wording import decimals


@dataclass(frozen=True)
class Point:
    """One share of the training part.

    Attributes:
        fraction: Of the training part.
        rows: That is, reviews.
        accuracies: On the test part, with each seed.
    """

    fraction: float
    rows: int
    accuracies: Sequence[float]


Curves = Mapping[str, Sequence[Point]]


def learning_curves(plan: Plan, folder: Path) -> Curves:
    """Reads the finals of all shares; empty where the plan has none but the whole.

    Raises:
        FinalsError: If one has not finished.
    """
    if not plan.fractions:
        return {}
    first = set(plan.seeds[:CURVE_SEEDS])
    runs: dict[tuple[str, float], list[Final]] = {}
    for final in (*plan.learning(), *(final for final in plan.finals() if final.seed in first)):
        runs.setdefault((final.finalist, final.fraction), []).append(final)
    shares = (*plan.fractions, 1.0)
    return {each.name: [_point(share, runs[each.name, share], folder) for share in shares] for each in plan.finalists}


def table(curves: Curves) -> Sheet:
    """Lists the mean test accuracy of each finalist by its share of the training part."""
    points = next(iter(curves.values()))
    return Sheet(
        title="learning curves: test accuracy by the share of the training part",
        columns=[Column("", figures=False), *(Column(f"{each.fraction:.0%}, {each.rows:,} rows") for each in points)],
        rows=[[name, *(decimals(fmean(each.accuracies)) for each in its)] for name, its in curves.items()],
        notes=[f"Mean test accuracy of {len(points[0].accuracies)} seeds; a course, which decides nothing."],
    )


def _point(fraction: float, runs: Sequence[Final], folder: Path) -> Point:
    outcomes = [finished(folder, each) for each in runs]
    rows = round(fmean(each.rows["train"] for each in outcomes))
    return Point(fraction, rows, [_accuracy(each) for each in outcomes])


def _accuracy(outcome: Outcome) -> float:
    return outcome.metrics.get("test_accuracy_all", outcome.metrics["test_accuracy"])
