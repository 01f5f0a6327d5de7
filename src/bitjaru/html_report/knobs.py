"""The knobs of a search's trials, read from their overrides: which they were, and which of them mattered."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bitjaru import project
from bitjaru.tracking.registry.last_group import Tried

if TYPE_CHECKING:
    import optuna

LEAST_TRIALS = 5
LEAST_RANKED = 20  # so that the best tenth is more than one trial
MOST_KNOBS = 8


@dataclass(frozen=True)
class Knob:
    """A setting that trials of one architecture have tried with different values.

    Attributes:
        name: As in an override.
        values: Of each trial, as text; None where it kept its default.
        numbers: The same as numbers; None where one is no number.
    """

    name: str
    values: Sequence[str | None]
    numbers: Sequence[float] | None

    def places(self) -> list[float | None]:
        """Where each trial stands between the lowest and the highest value, 0 to 1."""
        if self.numbers is not None:
            low, high = min(self.numbers), max(self.numbers)
            return [(value - low) / (high - low) for value in self.numbers]
        known = sorted({value for value in self.values if value is not None})
        return [None if value is None else known.index(value) / max(len(known) - 1, 1) for value in self.values]

    def ends(self) -> tuple[str, str]:
        """Lowest and highest value, as text."""
        if self.numbers is not None:
            return f"{min(self.numbers):.3g}", f"{max(self.numbers):.3g}"
        known = sorted({value for value in self.values if value is not None})
        return known[0], known[-1]


def settings(run: Tried) -> Mapping[str, str]:
    """Returns a run's overrides by name."""
    pairs = (each.partition("=") for each in project.overrides_in(run.tags.get("overrides", "")))
    return {name.lstrip("+"): value for name, _, value in pairs}


def knobs(trials: Sequence[Tried]) -> list[Knob]:
    """Returns the knobs that trials of one architecture differ in."""
    by_trial = [settings(trial) for trial in trials]
    names = dict.fromkeys(name for each in by_trial for name in each)
    found = []
    for name in names:
        values = [each.get(name) for each in by_trial]
        if len(set(values)) > 1:
            found.append(Knob(name, values, _numbers(values)))
    return found


def importances(trials: Sequence[Tried], found: Sequence[Knob], *, sign: int) -> Mapping[str, float]:
    """Returns how much each knob decides which trials are among the best tenth, by PED-ANOVA (Watanabe et al. 2023).

    Only knobs that every trial has. Empty where there are too few trials, or all are equally good.

    Args:
        trials: Of one architecture.
        found: Their knobs.
        sign: 1 where more is better, -1 where less is.
    """
    judged = [place for place, trial in enumerate(trials) if trial.objective is not None]
    usable = [knob for knob in found if all(knob.values[place] is not None for place in judged)]
    if len(judged) < LEAST_RANKED or len(usable) < 1 or len({trials[place].objective for place in judged}) < 2:
        return {}
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    optuna.logging.set_verbosity(optuna.logging.WARNING)  # it would tell of the study, which is nobody's
    spaces = {knob.name: _space(knob) for knob in usable}
    study = optuna.create_study(direction="maximize" if sign > 0 else "minimize")
    for place in judged:
        params = {knob.name: _value(knob, place) for knob in usable}
        trial = optuna.trial.create_trial(params=params, distributions=spaces, value=trials[place].objective)
        study.add_trial(trial)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        evaluator = PedAnovaImportanceEvaluator()
        return get_param_importances(study, evaluator=evaluator)


def _numbers(values: Sequence[str | None]) -> list[float] | None:
    try:
        return [float(value) for value in values if value is not None] if None not in values else None
    except ValueError:
        return None


def _space(knob: Knob) -> optuna.distributions.BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if knob.numbers is None:
        return CategoricalDistribution(sorted({value for value in knob.values if value is not None}))
    low, high = min(knob.numbers), max(knob.numbers)
    return FloatDistribution(low, high, log=low > 0 and high / low >= 10)


def _value(knob: Knob, place: int) -> float | str | None:
    return knob.values[place] if knob.numbers is None else knob.numbers[place]
