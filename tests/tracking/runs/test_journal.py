from pathlib import Path

import pytest

from bitjaru.errors import TrackingError
from bitjaru.tracking.runs.journal import Journal, Progress


def test_lines_come_back_in_their_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    lines = [{"number": number, "text": "층\n\ud800"} for number in range(3)]
    for line in lines:
        journal.append(line)
    assert journal.lines() == lines


def test_half_a_line_is_none_and_can_be_cut_off(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append({"number": 1})
    with journal.path.open("ab") as file:
        file.write(b'{"numb')
    assert journal.lines() == [{"number": 1}]
    journal.mend()
    journal.append({"number": 2})
    assert journal.lines() == [{"number": 1}, {"number": 2}]


def test_a_folder_without_a_journal_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"must hold `tracking/journal.jsonl`"):
        Journal(tmp_path).lines()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrackingError, match=r"must be writable. Received: .*/file/run"):
        Journal(tmp_path / "file" / "run").append({})


def test_progress_starts_at_nothing_and_is_kept(tmp_path: Path) -> None:
    assert Progress.load(tmp_path) == Progress(sent=0, experiment_id=None, run_id=None, model_id=None)
    progress = Progress(sent=3, experiment_id="1", run_id="a", model_id=None)
    progress.save(tmp_path)
    assert Progress.load(tmp_path) == progress


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_line_that_lost_the_name_of_its_checksum_is_damaged(tmp_path: Path, number: int) -> None:
    journal = Journal(tmp_path)
    for value in range(3):
        journal.append({"a": value})
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = lines[number - 1].replace(b'"check"', b'"bheck"')
    journal.path.write_bytes(b"".join(lines))
    with pytest.raises(TrackingError, match=rf"line {number}: it has no checksum, as other lines have"):
        journal.lines()


def test_a_journal_of_an_earlier_version_has_no_checksums_and_goes_on_without(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.path.parent.mkdir()
    journal.path.write_bytes(b'{"a": 0}\n')
    journal.append({"a": 1})
    assert journal.lines() == [{"a": 0}, {"a": 1}]
    assert b"check" not in journal.path.read_bytes()
