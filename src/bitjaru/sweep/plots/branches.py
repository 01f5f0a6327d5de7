"""A search across options, of which each has knobs of its own: its trials, option by option."""

from collections.abc import Mapping, Sequence

from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial

from bitjaru.sweep.plots.highlights import complete
from bitjaru.sweep.plots.scales import names


def branches(trials: Sequence[FrozenTrial]) -> Mapping[str, Sequence[FrozenTrial]]:
    """Returns the complete trials of each option of the choice on which most other knobs depend, by its name.

    One picture of all would have an axis for each knob of each architecture, of which a trial crosses a few. Empty
    where no knob depends on a choice.
    """
    done = complete(trials)
    choices = [name for name in names(done) if _is_choice_of_all(name, done)]
    dependent = {name: _dependent(name, done) for name in choices}
    most = max(choices, key=lambda name: dependent[name], default=None)
    if most is None or not dependent[most]:
        return {}
    found: dict[str, list[FrozenTrial]] = {}
    for trial in done:
        found.setdefault(str(trial.params[most]), []).append(trial)
    return found


def shared_first(trials: Sequence[FrozenTrial], whole: Sequence[FrozenTrial]) -> list[str]:
    """Returns the knobs of some trials, those first that all trials of the study have."""
    shared = set.intersection(*(set(trial.params) for trial in complete(whole)))
    return sorted(names(trials), key=lambda name: name not in shared)


def _is_choice_of_all(name: str, done: Sequence[FrozenTrial]) -> bool:
    return all(isinstance(trial.distributions.get(name), CategoricalDistribution) for trial in done)


def _dependent(choice: str, done: Sequence[FrozenTrial]) -> int:
    """Counts the knobs that all trials of some options have, and no trial of the others."""
    options = {str(trial.params[choice]) for trial in done}
    count = 0
    for name in names(done):
        having = {str(trial.params[choice]) for trial in done if name in trial.params}
        lacking = {str(trial.params[choice]) for trial in done if name not in trial.params}
        count += bool(lacking) and not having & lacking and having | lacking == options
    return count
