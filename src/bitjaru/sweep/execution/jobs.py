"""What a sweep and the code of one trial say to each other. Imported by workers: nothing heavy here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Job:
    """One trial, ready to run.

    Attributes:
        number: The trial's number in its study, from 0; it never changes.
        overrides: Full override lines, as one would type them: `architecture=lstm`, `architecture.units=64`.
        config: The composed configuration as plain dicts and lists, without Hydra's own node; None before it is
            composed, and empty where the executor does that, or the program is a plain one.
        choices: The option chosen in each config group.
        folder: The trial's own folder; the same for every attempt.
        attempt: How often this trial has been tried before.
        resume: Whether an earlier attempt was broken off: go on from the epoch checkpoint in `folder`, if there is one.
        notes: What earlier attempts remembered, for example the id of the tracked run.
        objectives: Names of the values that the trial must return; empty: the task's own objective.
        packed: The configuration of a plain program, `hydra_job.packed`; with Hydra's own node, and not resolved.
    """

    number: int
    overrides: tuple[str, ...]
    config: Mapping[str, Any] | None
    choices: Mapping[str, str]
    folder: Path
    attempt: int
    resume: bool
    notes: Mapping[str, Any]
    objectives: tuple[str, ...] = ()
    packed: bytes = b""


@dataclass(frozen=True)
class Result:
    """How a trial ended well: one value an objective, or stopped early because the sweep said so."""

    values: tuple[float, ...]
    pruned: bool = False


class Reporter(Protocol):
    """The line from a running trial to its sweep."""

    def report(self, epoch: int, value: float) -> bool:
        """Tells the objective after an epoch, from 1; returns True when the trial should stop as pruned.

        An epoch that was told before, in an attempt that was broken off, may be told again.
        """

    def remember(self, name: str, value: Any) -> None:
        """Keeps a small JSON value with the trial; a later attempt finds it in `Job.notes`."""


Runner = Callable[[Job, Reporter], Result]
