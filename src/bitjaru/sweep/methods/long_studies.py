"""TPE over a long study: what a trial costs does not grow with the trials before it."""

import math
from bisect import insort
from dataclasses import dataclass, field
from typing import Any, cast

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from bitjaru.errors import ConfigError
from bitjaru.sweep.methods.some_trials import with_some

BEST = 25  # as many as Optuna's TPE ever counts as good
Key = tuple[float, ...]


def tpe(*, latest_trials: int | None, **options: Any) -> BaseSampler:
    """Makes Optuna's TPE.

    Args:
        latest_trials: How many of the newest trials it looks at, beside the 25 best; None is all of them.
        **options: Of `optuna.samplers.TPESampler`.

    Raises:
        ConfigError: If that is no number, or so few that hardly any but the good ones would be seen.
    """
    if latest_trials is None:
        return TPESampler(**options)
    if not isinstance(latest_trials, int) or latest_trials < 10 * BEST:
        least = f"a whole number of at least {10 * BEST}, or null for all"
        raise ConfigError(f"`hydra.sweeper.sampler.latest_trials` must be {least}. Received: {latest_trials}.")
    return LatestTrials(TPESampler(**options), latest_trials)


class LatestTrials(BaseSampler):
    """Lets TPE see the best trials and the newest ones; up to that number it is Optuna's TPE, draw by draw.

    TPE models the good trials, at most 25, and all others (Bergstra et al., 2011), and goes through all of them for
    each new trial, once for each group of knobs. The good ones stay the same here. The others are a sample of where a
    search has been lately, to which Optuna gives the greater weights anyhow (`default_weights`).

    Attributes:
        latest: How many of the newest trials are seen.
    """

    def __init__(self, sampler: BaseSampler, latest: int) -> None:
        self._sampler, self.latest = sampler, latest
        self._known: _Known | None = None
        self._space_is_known = False

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Finds the groups of knobs in all trials once; TPE remembers them, and new trials add to them."""
        seen = self._seen(study) if self._space_is_known else study
        self._space_is_known = True
        return self._sampler.infer_relative_search_space(seen, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Draws what belongs together."""
        return self._sampler.sample_relative(self._seen(study), trial, search_space)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Draws one knob."""
        return self._sampler.sample_independent(self._seen(study), trial, param_name, param_distribution)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Tells TPE."""
        self._sampler.before_trial(study, trial)

    def after_trial(self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Any) -> None:
        """Tells TPE."""
        self._sampler.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Has TPE draw anew."""
        self._sampler.reseed_rng()

    def _seen(self, study: optuna.Study) -> optuna.Study:
        trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
        if len(trials) <= self.latest or len(study.directions) > 1:
            return study
        if self._known is None or self._known.study_id != study._study_id:
            self._known = _Known(study._study_id, study.direction)
        few = self._known.few(trials, self.latest)
        return with_some(study, lambda states: [one for one in few if states is None or one.state in states])


@dataclass
class _Known:
    """The best trials of a study, kept in order while it grows."""

    study_id: int
    direction: StudyDirection
    _looked_at: int = 0
    _open: list[int] = field(default_factory=list)  # numbers of trials that had not ended yet
    _best: list[tuple[Key, int]] = field(default_factory=list)

    def few(self, trials: list[FrozenTrial], latest: int) -> list[FrozenTrial]:
        """Returns the best, the newest, and those that run, in order of number; `trials` is all there are."""
        waiting = [*self._open, *range(self._looked_at, len(trials))]
        self._looked_at = len(trials)
        self._open = [number for number in waiting if not trials[number].state.is_finished()]
        for number in waiting:
            if (key := self._key(trials[number])) is not None:
                insort(self._best, (key, number))
        del self._best[BEST:]
        first = len(trials) - latest
        before = {number for _, number in self._best} | set(self._open)
        return [trials[number] for number in sorted(before) if number < first] + trials[first:]

    def _key(self, trial: FrozenTrial) -> Key | None:
        """Returns what Optuna's TPE sorts by: complete trials by value, then pruned ones, the longest first."""
        sign = 1 if self.direction == StudyDirection.MINIMIZE else -1
        if trial.state == TrialState.COMPLETE:
            return (0, sign * cast("float", trial.value))
        if trial.state != TrialState.PRUNED:
            return None
        if not trial.intermediate_values:
            return (1, 1, 0)
        step, value = max(trial.intermediate_values.items())
        return (1, -step, float("inf") if math.isnan(value) else sign * value)
