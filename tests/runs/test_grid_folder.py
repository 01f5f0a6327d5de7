"""What of a grid has finished, and what is set aside."""

from dataclasses import replace
from pathlib import Path

import pytest
from reporting.runs import run

from bitjaru.errors import ConfigError
from bitjaru.runs.grid_folder import CHECKPOINT, command, missing, stretches, write

JOBS = [["max_len=10"], ["max_len=20"], ["max_len=30"], ["max_len=40"]]


def test_what_has_finished_stays_and_what_has_not_is_set_aside(tmp_path: Path) -> None:
    assert missing(tmp_path, JOBS) == [0, 1, 2, 3]
    write(tmp_path, JOBS, ["-m", "max_len=10,20,30,40"])
    run("lstm").save(tmp_path / "0")
    replace(run("lstm"), status="KILLED", reason="interrupted").save(tmp_path / "1")
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / CHECKPOINT).touch()
    assert missing(tmp_path, JOBS) == [1, 2, 3]
    assert (tmp_path / "1.unfinished-1" / "outcome.json").exists()
    assert (tmp_path / "2" / CHECKPOINT).exists()
    assert command(tmp_path)[-3:] == ["-m", "max_len=10,20,30,40", f"hydra.sweep.dir='{tmp_path}'"]


def test_a_folder_of_another_grid_is_refused(tmp_path: Path) -> None:
    write(tmp_path, JOBS, [])
    with pytest.raises(ConfigError, match="only with the same runs"):
        missing(tmp_path, JOBS[:2])


def test_a_folder_without_a_grid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be that of a grid"):
        command(tmp_path)


def test_numbers_are_launched_in_stretches() -> None:
    assert list(stretches([0, 1, 3, 5, 6])) == [[0, 1], [3], [5, 6]]
    assert list(stretches([])) == []
