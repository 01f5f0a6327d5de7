"""Where the values of a searched parameter stand on an axis from 0 to 1, and what is written beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial

from bitjaru.drawing.rules import Marks, steps, tens


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes:
        place: From a value to its place.
        marks: Places with words.
        column: How wide a choice's column is; 0 for figures, which have none.
    """

    place: Callable[[Any], float]
    marks: Marks
    column: float = 0.0


def names(trials: Sequence[FrozenTrial]) -> list[str]:
    """Lists every parameter, also those that only some trials have, in the order in which they were met."""
    return list(dict.fromkeys(name for trial in trials for name in trial.params))


def scale(name: str, trials: Sequence[FrozenTrial], *, most: int = 6) -> Scale:
    """Returns the axis of one parameter, as wide as what was searched.

    Args:
        name: The parameter.
        trials: Of which some have it.
        most: How many figures are written at most.
    """
    found = [trial.distributions[name] for trial in trials if name in trial.distributions]
    if isinstance(found[-1], CategoricalDistribution):
        return _choices(found[-1])
    return _figures(found, most)


def _choices(distribution: CategoricalDistribution) -> Scale:
    count = len(distribution.choices)
    marks = [((number + 0.5) / count, str(choice)) for number, choice in enumerate(distribution.choices)]
    return Scale(lambda value: (distribution.to_internal_repr(value) + 0.5) / count, marks, 1 / count)


def _figures(distributions: Sequence[BaseDistribution], most: int) -> Scale:
    ranges = [each for each in distributions if isinstance(each, IntDistribution | FloatDistribution)]
    low, high = min(each.low for each in ranges), max(each.high for each in ranges)
    if low == high:
        return Scale(lambda _: 0.5, [(0.5, f"{low:,g}")])
    if ranges[-1].log:
        return Scale(
            lambda value: log(value / low) / log(high / low),
            [(log(place / low) / log(high / low), text) for place, text in tens(low, high, most=most)],
        )
    whole = isinstance(ranges[-1], IntDistribution)
    marks = steps(low, high, most=most, whole=whole)
    return Scale(
        lambda value: (value - low) / (high - low), [((place - low) / (high - low), text) for place, text in marks]
    )
