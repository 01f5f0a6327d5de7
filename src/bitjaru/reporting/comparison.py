"""Which run is best, by how much, and whether that is more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal, Protocol

from bitjaru.outcome import Outcome
from bitjaru.reporting import overrides
from bitjaru.reporting.statistics import Interval, difference, wilson
from bitjaru.tasks import Direction

Standing = Literal["best", "tie", "behind"]
ACCURACY = "accuracy"
WHOLE = "accuracy_all"  # over all labelled reviews, also those with too few tokens


class Goal(Protocol):
    """The part of a task that a comparison needs."""

    @property
    def objective(self) -> str: ...  # noqa: D102

    @property
    def direction(self) -> Direction: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run among those that it can be compared with.

    Attributes:
        outcome: The run.
        changed: Its overrides in which the runs differ, the architecture apart.
        rank: From 1, by the validation objective; None where that is missing or the run did not finish.
        standing: `tie` where the 95 % interval of `lead` contains 0; None where no interval can be had.
        lead: Accuracy of the best run less that of this one; None for the best, and for other objectives.
    """

    outcome: Outcome
    changed: Mapping[str, str]
    rank: int | None
    standing: Standing | None
    lead: Interval | None

    @property
    def architecture(self) -> str:
        """The option of its config group; as it was asked for when the run failed before it was chosen."""
        asked = overrides.parse(self.outcome.overrides).get("architecture", "")
        return self.outcome.choices.get("architecture", asked)

    def figure(self, part: str, metric: str, objective: str) -> Interval | None:
        """Returns one final metric of one part, with its interval if it is an accuracy.

        The validation objective is that of the epoch whose weights were kept.
        """
        kept = self.outcome.objective if (part, metric) == ("valid", objective) else None
        value = self.outcome.metrics.get(f"{part}_{metric}") if kept is None else kept
        return None if value is None else _with_interval(value, metric, self.outcome.rows.get(part, 0))


@dataclass(frozen=True, kw_only=True)
class Group:
    """Runs of one task on the same data, best first: the only ones that can be ranked together."""

    task: str
    dataset: str
    data_sha256: str
    objective: str
    direction: Direction
    rows: Sequence[Row]


def compare(outcomes: Sequence[Outcome], tasks: Mapping[str, Goal]) -> list[Group]:
    """Ranks runs by their validation objective; the test part has no say.

    A run is tied with the best when the interval of the difference of the two accuracies contains 0 (Newcombe, see
    `statistics.difference`). That covers the chance in which rows were drawn for validation. It covers neither the
    noise between seeds nor that the best of many runs was lucky.

    Args:
        outcomes: Any runs, unfinished ones too.
        tasks: The task of each option that `choices["task"]` names. Runs that failed before they had one count to
            the first group.

    Raises:
        ValueError: If a run has a task that is not in `tasks`, or `tasks` is empty.
    """
    if not tasks:
        raise ValueError("`tasks` must hold the task of every run. Received: none.")
    return [_group(key, runs, tasks) for key, runs in _comparable(outcomes).items()]


def _comparable(outcomes: Sequence[Outcome]) -> dict[tuple[str, str, str], list[Outcome]]:
    """Sorts runs into groups of one task, data set and data content."""
    sha256_of: dict[tuple[str, str], str] = {}
    for outcome in outcomes:
        if outcome.data_sha256:
            sha256_of.setdefault(_names(outcome), outcome.data_sha256)
    groups: dict[tuple[str, str, str], list[Outcome]] = {}
    nameless: list[Outcome] = []
    for outcome in outcomes:
        names = _names(outcome)
        key = (*names, outcome.data_sha256 or sha256_of.get(names, ""))
        (groups.setdefault(key, []) if names[0] else nameless).append(outcome)
    if nameless:
        groups.setdefault(next(iter(groups), ("", "", "")), []).extend(nameless)
    return groups


def _names(outcome: Outcome) -> tuple[str, str]:
    return outcome.choices.get("task", ""), outcome.choices.get("dataset", "")


def _group(key: tuple[str, str, str], outcomes: Sequence[Outcome], tasks: Mapping[str, Goal]) -> Group:
    task, dataset, sha256 = key
    if task and task not in tasks:
        raise ValueError(
            f"`tasks` must hold the task of every run. Received: {', '.join(tasks)}, but a run is {task!r}."
        )
    goal = tasks[task] if task else next(iter(tasks.values()))
    changed = overrides.differing([outcome.overrides for outcome in outcomes])
    order = sorted(range(len(outcomes)), key=lambda place: _order(outcomes[place], goal.direction))
    best = outcomes[order[0]] if _is_ranked(outcomes[order[0]]) else None
    rows = [_row(outcomes[place], changed[place], rank, best, goal) for rank, place in enumerate(order, 1)]
    return Group(
        task=task, dataset=dataset, data_sha256=sha256, objective=goal.objective, direction=goal.direction, rows=rows
    )


def _order(outcome: Outcome, direction: Direction) -> tuple[int, float, float]:
    """Finished runs by their objective, then those without one, then killed and failed ones."""
    ended = ("FINISHED", "KILLED", "FAILED").index(outcome.status)
    objective = outcome.objective
    number = inf if outcome.number is None else outcome.number
    if objective is None or not isfinite(objective):
        return ended, inf, number
    return ended, -objective if direction == "maximize" else objective, number


def _is_ranked(outcome: Outcome) -> bool:
    return outcome.status == "FINISHED" and outcome.objective is not None and isfinite(outcome.objective)


def _row(outcome: Outcome, changed: Mapping[str, str], rank: int, best: Outcome | None, goal: Goal) -> Row:
    if best is None or not _is_ranked(outcome):
        return Row(outcome=outcome, changed=changed, rank=None, standing=None, lead=None)
    if outcome is best:
        return Row(outcome=outcome, changed=changed, rank=rank, standing="best", lead=None)
    lead = _lead(best, outcome) if goal.objective == ACCURACY else None
    standing: Standing | None = None if lead is None else "tie" if 0 in lead else "behind"
    return Row(outcome=outcome, changed=changed, rank=rank, standing=standing, lead=lead)


def _lead(best: Outcome, other: Outcome) -> Interval | None:
    first, second = (_with_interval(run.objective or 0.0, ACCURACY, run.rows.get("valid", 0)) for run in (best, other))
    lead = difference(first, second)
    return lead if isfinite(lead.low) and isfinite(lead.high) else None


def _with_interval(value: float, metric: str, rows: int) -> Interval:
    if metric == ACCURACY and rows > 0 and 0 <= value <= 1:
        return wilson(value, rows)
    return Interval(value, -inf, inf)
