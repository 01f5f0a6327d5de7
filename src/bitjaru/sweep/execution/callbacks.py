"""What others hear of a search while it goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bitjaru.sweep.execution.failures import Failure
from bitjaru.sweep.execution.jobs import Job


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a trial ended.

    Attributes:
        job: What was run, in its last attempt.
        state: COMPLETE, PRUNED or FAIL.
        values: One an objective; empty for a failure.
        failure: Why it failed; None where it did not.
        notes: What its attempts remembered, for example the tracked run's id.
        seconds: Of the last attempt.
    """

    job: Job
    state: str
    values: tuple[float, ...]
    failure: Failure | None
    notes: Mapping[str, Any]
    seconds: float


class Watcher(Protocol):
    """Hears how the search goes: the live table, the tracking."""

    def started(self, job: Job) -> None:
        """A trial, or another attempt of one, begins."""

    def reported(self, number: int, epoch: int, value: float) -> None:
        """A trial told its objective after an epoch."""

    def ended(self, ended: Ended) -> None:
        """A trial ended for good."""
