import multiprocessing
import stat
from pathlib import Path

import pytest

from bitjaru.files import replacing, write_text


def test_text_is_written_as_utf_8_into_folders_that_did_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "리뷰.txt"
    write_text(path, "재밌다\n")
    assert path.read_bytes() == "재밌다\n".encode()


def test_what_stood_there_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "outcome.json"
    write_text(path, "old and longer")
    write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_halfway_leaves_the_old_content_and_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "outcome.json"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt):
        _write_half(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_path_keeps_the_ending_that_some_writers_look_at(tmp_path: Path) -> None:
    with replacing(tmp_path / "model.keras") as temporary:
        assert temporary.suffix == ".keras"
        assert temporary.parent == tmp_path


def test_until_the_end_a_reader_sees_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "words.json"
    write_text(path, "old")
    with replacing(path) as temporary:
        temporary.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"


def test_a_file_has_the_permissions_of_any_other_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_text(tmp_path / "written", "")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "written")}
    assert len(modes) == 1


def _write_half(path: Path) -> None:
    with replacing(path) as temporary:
        temporary.write_text("ne", encoding="utf-8")
        raise KeyboardInterrupt


def _write_often(path: Path, letter: str) -> None:
    for _ in range(50):
        write_text(path, letter * 20_000)


def test_several_processes_never_leave_a_mixture(tmp_path: Path) -> None:
    path = tmp_path / "shared.txt"
    spawning = multiprocessing.get_context("spawn")
    writers = [spawning.Process(target=_write_often, args=(path, letter)) for letter in "ab"]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            seen.add(path.read_text(encoding="utf-8"))
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert seen <= {"a" * 20_000, "b" * 20_000}
    assert list(tmp_path.iterdir()) == [path]
