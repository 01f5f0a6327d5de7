"""Who comes into the finals: the best configuration of each architecture, by validation alone."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bitjaru import project
from bitjaru.errors import ConfigError
from bitjaru.tracking.registry.last_group import Group, Tried

OF_THE_SEARCH = ("hydra.", "hydra/", "tracking.", "tracking=")
OF_THE_DATA, SEED_OF_THE_SPLIT = ("dataset.", "train_fraction"), "dataset.validation.seed"
UNSAID = {"train_fraction": "1.0"}  # of runs that are older than the setting
OF_A_SEED = ("seed=", "dataset.validation.seed=")


@dataclass(frozen=True)
class Finalist:
    """A configuration.

    Attributes:
        name: Its architecture.
        overrides: After `python train.py`, without those that a seed sets.
        objective: Its validation figure in the search.
        run_id: That found it; None where it comes from no search.
        trials: That the search spent on this architecture.
        seconds: That they took.
    """

    name: str
    overrides: tuple[str, ...]
    objective: float | None
    run_id: str | None
    trials: int
    seconds: float

    def command(self, seed: int) -> str:
        """Returns the command that runs it with a seed."""
        return shlex.join(project.typed([*self.overrides, *seeded(seed)]))


def seeded(seed: int) -> list[str]:
    """Returns the overrides by which a seed draws the weights, the order, the dropout, and the validation part."""
    return [f"seed={seed}", f"dataset.validation.seed={seed}"]


def finalists(group: Group, *, top: int | None, against: Sequence[str]) -> list[Finalist]:
    """Chooses the best run of each architecture.

    Args:
        group: A search or grid.
        top: How many architectures; None for all.
        against: Architectures that come in whatever their place, at their defaults where the group has not tried them.

    Raises:
        ConfigError: If there are not two.
    """
    by_architecture = defaultdict[str, list[Tried]](list)
    for run in group.tried:
        by_architecture[run.tags.get("architecture", "")].append(run)
    found = [each for name, tried in by_architecture.items() if (each := _best(name, tried, _sign(group))) is not None]
    found.sort(key=lambda each: -_sign(group) * (each.objective or 0.0))
    kept = [each for place, each in enumerate(found) if top is None or place < top or each.name in against]
    missing = [name for name in against if name not in {each.name for each in kept}]
    kept += [_at_defaults(name, found) for name in missing if found]
    if len(kept) < 2:
        raise ConfigError(
            "Finals need at least two architectures with a finished run and a validation part. Received: "
            f"{', '.join(each.name for each in kept) or 'none'}, of {group.name!r}. Search over more, or name one to "
            "stand against: `--against linear`."
        )
    return kept


def same_data(found: Iterable[Finalist], group: Group) -> None:
    """Refuses finalists that have learned from different data: a winner may owe it to that.

    Raises:
        ConfigError: If `dataset.rows`, or any other setting of their data, differs.
    """
    params = {run.run_id: run.params for run in group.tried}
    of_data = {
        each.name: {
            key: value
            for key, value in params[each.run_id].items()
            if key.startswith(OF_THE_DATA) and key != SEED_OF_THE_SPLIT
        }
        for each in found
        if each.run_id in params
    }
    for key in dict.fromkeys(key for values in of_data.values() for key in values):
        values = {name: each.get(key, UNSAID.get(key, "none")) for name, each in of_data.items()}
        if len(set(values.values())) > 1:
            said = ", ".join(f"{name} {value}" for name, value in values.items())
            raise ConfigError(
                f"Finalists must have learned from the same data. Received different `{key}`: {said}. Name searches on "
                "the same data with `--search`."
            )


def unequal(found: Iterable[Finalist]) -> str | None:
    """Says where the search spent more on one architecture than on another; None where it did not."""
    searched = [each for each in found if each.run_id is not None]
    trials = {each.name: each.trials for each in searched}
    if len(set(trials.values())) <= 1:
        return None
    told = ", ".join(
        f"{each.name} {each.trials} {'trial' if each.trials == 1 else 'trials'} in {each.seconds:,.0f} s"
        for each in searched
    )
    return f"The search did not spend the same on each: {told}. A winner that was tried more often may owe it to that."


def spent(found: Iterable[Finalist]) -> str | None:
    """Says what an equal search spent on each architecture; None where it was unequal, or there was none."""
    searched = [each for each in found if each.run_id is not None]
    trials = {each.trials for each in searched}
    if len(searched) < 2 or len(trials) > 1:
        return None
    quickest, slowest = (choose(searched, key=lambda each: each.seconds) for choose in (min, max))
    return (
        f"Searched equally in trials, {trials.pop()} of each; in seconds from {quickest.seconds:,.0f} "
        f"({quickest.name}) to {slowest.seconds:,.0f} ({slowest.name})."
    )


def _sign(group: Group) -> int:
    directions = {run.tags.get("direction", "maximize") for run in group.tried}
    return -1 if directions == {"minimize"} else 1


def _best(name: str, tried: Sequence[Tried], sign: int) -> Finalist | None:
    finished = [run for run in tried if run.status == "FINISHED" and run.objective is not None]
    if not finished:
        return None
    best = max(finished, key=lambda run: (sign * (run.objective or 0.0), -run.metrics.get("weights", 0)))
    return Finalist(
        name=name,
        overrides=_overrides(best.tags),
        objective=best.objective,
        run_id=best.run_id,
        trials=len(tried),
        seconds=sum(run.seconds for run in tried),
    )


def _overrides(tags: Mapping[str, str]) -> tuple[str, ...]:
    """A ready-made search brings settings of its own: it stays, and this is one run."""
    told = project.overrides_in(tags.get("overrides", ""))
    return tuple(project.one_run([line for line in told if not line.startswith((*OF_THE_SEARCH, *OF_A_SEED))]))


def _at_defaults(name: str, found: Sequence[Finalist]) -> Finalist:
    """The same data as the others; what they chose for their own architecture stays with them."""
    shared = [
        line
        for line in found[0].overrides
        if all(line in other.overrides for other in found) and not line.startswith(("architecture", "optimizer"))
    ]
    return Finalist(name, (f"architecture={name}", *shared), None, None, 0, 0.0)
