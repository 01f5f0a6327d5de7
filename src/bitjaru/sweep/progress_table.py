"""What a person sees while a search runs: one live table in a terminal, a line a trial anywhere else."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from bitjaru.sweep.execution.jobs import Job
from bitjaru.sweep.execution.platform import Ended

LAST_ROWS = 15
log = logging.getLogger(__name__)


@dataclass
class _Row:
    job: Job
    began: float
    state: str = "running"
    epoch: int = 0
    values: Sequence[float] = ()
    seconds: float = 0.0


@dataclass
class Board:
    """Fits `bitjaru.sweep.loop.Watcher`. Use it as a context manager.

    Attributes:
        n_trials: The total.
        n_jobs: Trials at a time.
        better: For each objective, whether the first value beats the second.
        finished: Trials that had ended before.
        console: Where the table goes.
        best: The best value so far of each objective; empty while there is none.
    """

    n_trials: int
    n_jobs: int
    better: Sequence[Callable[[float, float], bool]]
    finished: int
    console: Console
    best: Sequence[float] = ()
    _rows: dict[int, _Row] = field(default_factory=dict)
    _durations: list[float] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _live: Live | None = None

    def __enter__(self) -> "Board":
        if self.console.is_terminal:
            live = Live(console=self.console, refresh_per_second=4, get_renderable=self._table)
            self._live = self._stack.enter_context(live)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def started(self, job: Job) -> None:
        """Shows a trial that begins."""
        self._forget()
        self._rows[job.number] = _Row(job, time.monotonic())
        again = f" (attempt {job.attempt + 1})" if job.attempt else " (taken up again)" if job.resume else ""
        self._say("Trial %d begins%s: %s", job.number, again, " ".join(job.overrides))

    def reported(self, number: int, epoch: int, value: float) -> None:
        """Shows an epoch."""
        row = self._rows[number]
        row.epoch, row.values = epoch, (value,)

    def ended(self, ended: Ended) -> None:
        """Shows how a trial ended."""
        row = self._rows.setdefault(ended.job.number, _Row(ended.job, time.monotonic()))
        row.seconds = ended.seconds
        row.state = ended.failure.reason if ended.failure else ended.state.lower()
        self.finished += 1
        self._durations.append(ended.seconds)
        if ended.state == "COMPLETE":
            row.values = ended.values
            self.best = self._best_of_each(ended.values)
        why = f": {ended.failure.message.rstrip('.')}" if ended.failure else ""
        value = f" {_figures(row.values)}" if row.values else ""
        epoch = f", epoch {row.epoch}" if row.epoch else ""  # a program need not report any
        self._say(
            "Trial %d %s%s after %s%s%s. Best %s, %d of %d, about %s to go.",
            ended.job.number,
            row.state,
            value,
            _clock(ended.seconds),
            epoch,
            why,
            self._said_best(),
            self.finished,
            self.n_trials,
            _clock(self.remaining()),
        )

    def remaining(self) -> float:
        """Estimates the seconds to the end from the trials that ended."""
        if not self._durations:
            return 0.0
        mean = sum(self._durations) / len(self._durations)
        return mean * max(0, self.n_trials - self.finished) / self.n_jobs

    def _best_of_each(self, values: Sequence[float]) -> Sequence[float]:
        pairs = zip(values, self.best or values, self.better, strict=True)
        return [new if better(new, old) else old for new, old, better in pairs]

    def _said_best(self) -> str:
        """One trial need not hold them all: of several objectives each has a best of its own."""
        return (_figures(self.best) + (" of each" if len(self.best) > 1 else "")) if self.best else "none yet"

    def _forget(self) -> None:
        """Drops what no table will show again: a row holds its trial's whole configuration."""
        for number in list(self._rows)[: max(0, len(self._rows) - LAST_ROWS)]:
            if self._rows[number].state != "running":
                del self._rows[number]

    def _say(self, message: str, *values: Any) -> None:
        if self._live is None:
            log.info(message, *values)

    def _table(self) -> Table:
        to_go = f"about {_clock(self.remaining())} to go"
        caption = f"{self.finished} of {self.n_trials} trials, best {self._said_best()}, {to_go}"
        table = Table(caption=caption, expand=True)
        for heading in ("trial", "choice", "knobs", "epoch", "value", "state", "time"):
            table.add_column(heading, overflow="fold" if heading == "knobs" else "ellipsis")
        for row in list(self._rows.values())[-LAST_ROWS:]:
            seconds = time.monotonic() - row.began if row.state == "running" else row.seconds
            chosen, knobs = _parts(row.job.overrides, row.job.choices)
            style = {"running": "bold", "complete": "green", "pruned": "yellow"}.get(row.state, "red")
            ended = (str(row.epoch), _figures(row.values), row.state, _clock(seconds))
            table.add_row(str(row.job.number), chosen, knobs, *ended, style=style)
        return table


def _parts(overrides: Sequence[str], choices: Mapping[str, str]) -> tuple[str, str]:
    pairs = [line.partition("=")[::2] for line in overrides]
    chosen = [value for key, value in pairs if key in choices and key != "sweeps"]
    knobs = [f"{key.rpartition('.')[2]}={_short(value)}" for key, value in pairs if key not in choices]
    return " ".join(chosen), " ".join(knobs)


def _short(value: str) -> str:
    try:
        return value if value.lstrip("-").isdigit() else f"{float(value):.3g}"
    except ValueError:
        return value


def _figures(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
