import io
import logging
import operator
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from bitjaru.sweep.execution.failures import Failure
from bitjaru.sweep.execution.jobs import Job
from bitjaru.sweep.execution.platform import Ended
from bitjaru.sweep.progress_table import Board


def job(number: int) -> Job:
    return Job(
        number=number,
        overrides=("architecture=lstm", "architecture.units=64", "optimizer.learning_rate=0.00123456"),
        config=None,
        choices={"architecture": "lstm"},
        folder=Path(),
        attempt=0,
        resume=False,
        notes={},
    )


def ended(number: int, *values: float, failure: Failure | None = None) -> Ended:
    state = "FAIL" if failure else "COMPLETE"
    return Ended(job=job(number), state=state, values=values, failure=failure, notes={}, seconds=60.0)


def board(console: Console, *better: Callable[[float, float], bool]) -> Board:
    return Board(n_trials=6, n_jobs=2, better=better or [operator.gt], finished=0, console=console)


def test_without_a_terminal_a_trial_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), board(Console(file=io.StringIO())) as shown:
        shown.started(job(0))
        shown.reported(0, 3, 0.81)
        shown.ended(ended(0, 0.82))
        shown.started(job(1))
        shown.ended(ended(1, failure=Failure("nan", "TrainingError: no number.")))
    assert caplog.messages == [
        "Trial 0 begins: architecture=lstm architecture.units=64 optimizer.learning_rate=0.00123456",
        "Trial 0 complete 0.82 after 1:00, epoch 3. Best 0.82, 1 of 6, about 2:30 to go.",
        "Trial 1 begins: architecture=lstm architecture.units=64 optimizer.learning_rate=0.00123456",
        "Trial 1 nan after 1:00: TrainingError: no number. Best 0.82, 2 of 6, about 2:00 to go.",
    ]


def test_of_several_objectives_each_has_its_best(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), board(Console(file=io.StringIO()), operator.gt, operator.lt) as shown:
        shown.ended(ended(0, 0.82, 1.5))
        shown.ended(ended(1, 0.85, 2.5))
        shown.ended(ended(2, 0.80, 0.5))
    assert [line.partition("Best ")[2].partition(", 3 of")[0] for line in caplog.messages[2:]] == ["0.85, 0.5 of each"]
    assert "complete 0.8, 0.5 after" in caplog.messages[2]


def test_in_a_terminal_there_is_one_table_with_every_trial() -> None:
    screen = io.StringIO()
    with board(Console(file=screen, force_terminal=True, width=120, color_system=None)) as shown:
        shown.started(job(0))
        shown.reported(0, 2, 0.75)
        shown.ended(ended(0, 0.82))
        shown.started(job(1))
    last = screen.getvalue()
    for word in (
        "lstm",
        "units=64",
        "learning_rate=0.00123",
        "0.82",
        "complete",
        "running",
        "1 of 6 trials, best 0.82",
    ):
        assert word in last


def test_rows_that_no_table_shows_again_are_forgotten_and_running_ones_stay() -> None:
    shown = board(Console(file=io.StringIO()))
    shown.started(job(0))
    for number in range(1, 100):
        shown.started(job(number))
        shown.ended(ended(number, 0.5))
    assert list(shown._rows) == [0, *range(84, 100)]
