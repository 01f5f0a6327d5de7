import io
import logging
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from bitjaru import terminal
from bitjaru.command_line import explained_errors
from bitjaru.errors import ConfigError
from bitjaru.terminal import EpochLines, console, progress


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_console_writes_to_standard_output_as_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("재밌다")
    assert capsys.readouterr().out == "재밌다\n"


def test_long_lines_are_not_broken_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("word " * 60)
    assert capsys.readouterr().out.count("\n") == 1


def test_without_a_terminal_progress_is_a_line_now_and_then(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 4.0, 11.0, 11.0, 12.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with caplog.at_level(logging.INFO), progress("Tokenizing", 2000) as advance:
        for _ in range(3):
            advance(500)
    assert caplog.messages == ["Tokenizing: 1,000 of 2,000 (50 %)"]


def test_work_of_unknown_size_is_no_division_by_zero(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.0)
    with caplog.at_level(logging.INFO), progress("Reading", 0) as advance:
        advance(0)
    assert caplog.messages == ["Reading: 0 of 0 (0 %)"]


def test_in_a_notebook_progress_is_a_bar_that_disappears(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    place = SimpleNamespace(update=lambda html: shown.append(html.data))
    monkeypatch.setattr(terminal, "in_notebook", lambda: True)
    monkeypatch.setattr(terminal, "_place", lambda _: place)
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(execution_count=3))
    with progress("Epoch <1>", 2_000) as advance:
        advance(500)
    assert shown == ['Epoch &lt;1&gt; <progress value="500" max="2000"></progress> 500/2,000', ""]


def test_in_a_terminal_progress_is_a_bar_that_disappears(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress("Tokenizing", 10) as advance:
        advance(10)
    assert "Tokenizing" in screen.getvalue()
    assert "10/10" in screen.getvalue()
    assert caplog.messages == []


def test_an_epoch_is_one_line_with_its_figures_and_the_time_left(caplog: pytest.LogCaptureFixture) -> None:
    lines = EpochLines(epochs=5)
    with caplog.at_level(logging.INFO):
        lines(1, {"train_loss": 0.69314, "valid_accuracy": 0.5, "seconds": 2.0})
        lines(2, {"train_loss": 0.5, "valid_accuracy": 0.75, "seconds": 4.0})
    assert caplog.messages == [
        "Epoch 1/5  train_loss 0.6931  valid_accuracy 0.5000  2.0 s, at most 8 s left",
        "Epoch 2/5  train_loss 0.5000  valid_accuracy 0.7500  4.0 s, at most 9 s left",
    ]


def test_a_training_that_goes_on_counts_only_its_own_epochs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        EpochLines(epochs=10)(8, {"seconds": 3.0})
    assert "at most 6 s left" in caplog.text


def test_a_full_disk_is_one_sentence_and_another_error_keeps_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """`/dev/full` is a disk without room, as the kernel has it."""
    with pytest.raises(SystemExit) as ended, explained_errors():
        Path("/dev/full").write_text("a figure", encoding="utf-8")
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.startswith("Error: There must be room on the disk. Received: [Errno 28] No space left on device")
    assert "make room, and run the same command." in said
    with pytest.raises(FileNotFoundError), explained_errors():
        Path("/dev/none").read_text(encoding="utf-8")


@pytest.mark.parametrize("before", [None, "0"])
def test_a_command_leaves_hydras_errors_to_its_process_as_they_were(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook or a test may call a command in its own process, and start other Hydra programs after it."""
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    if before is not None:
        monkeypatch.setenv("HYDRA_FULL_ERROR", before)

    def program() -> None:
        assert os.environ["HYDRA_FULL_ERROR"] == (before or "1")
        raise ConfigError("`units` must be positive. Received: -1.")

    with pytest.raises(SystemExit), explained_errors():
        program()
    assert os.environ.get("HYDRA_FULL_ERROR") == before
