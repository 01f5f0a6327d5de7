"""Trials as if a study that was started several times had run in one go."""

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

from optuna.trial import FrozenTrial

SHORTEST = timedelta(seconds=60)
SHARE = 0.05  # of the time in which trials ran: what is shorter does not stretch a picture


def without_pauses(trials: Sequence[FrozenTrial]) -> tuple[list[FrozenTrial], list[timedelta]]:
    """Moves trials together where none was running for long.

    Returns:
        Copies of those that began, and the pauses that were left out.
    """
    begun = sorted((trial for trial in trials if trial.datetime_start), key=_start)
    busy = list(_stretches(begun))
    least = max(SHORTEST, SHARE * sum((end - start for start, end in busy), timedelta()))
    gaps = [(start, start - before) for (_, before), (start, _) in pairwise(busy)]
    pauses = [(after, gap) for after, gap in gaps if gap > least]
    moved = [
        _moved(trial, sum((gap for after, gap in pauses if _start(trial) >= after), timedelta())) for trial in begun
    ]
    return moved, [gap for _, gap in pauses]


def _stretches(begun: Sequence[FrozenTrial]) -> Iterator[tuple[datetime, datetime]]:
    """Yields the times in which at least one trial ran."""
    current: tuple[datetime, datetime] | None = None
    for trial in begun:
        start, end = _start(trial), trial.datetime_complete or _start(trial)
        if current is None or start > current[1]:
            if current is not None:
                yield current
            current = start, end
        else:
            current = current[0], max(current[1], end)
    if current is not None:
        yield current


def _moved(trial: FrozenTrial, by: timedelta) -> FrozenTrial:
    if not by:
        return trial
    other = copy(trial)
    other.datetime_start = _start(trial) - by
    other.datetime_complete = trial.datetime_complete and trial.datetime_complete - by
    return other


def _start(trial: FrozenTrial) -> datetime:
    return cast("datetime", trial.datetime_start)  # the others are left out
