"""What a file holds is measured before it is read: each refusal here is of a file that would be read without it."""

import gzip
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bitjaru.data import stored


def npz(path: Path, how: int = zipfile.ZIP_DEFLATED, *, other: str = "", **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_npy", ".npy"), content)
        if other:
            archive.writestr(other, b"")
    return path


def npy(shape: tuple[int, ...], content: bytes, kind: str = "<f8") -> bytes:
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content


def test_arrays_of_numbers_are_read_as_they_were_written(tmp_path: Path) -> None:
    keys, shares = np.arange(5, dtype=np.uint64), np.ones((5, 2), np.float32)
    np.savez_compressed(tmp_path / "a.npz", keys=keys, shares=shares, empty=np.empty((0, 3)))
    read = stored.read_arrays(tmp_path / "a.npz", ("keys", "shares", "empty"))
    np.testing.assert_array_equal(read["keys"], keys)
    np.testing.assert_array_equal(read["shares"], shares)
    assert read["empty"].shape == (0, 3)


def test_a_pickle_among_arrays_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.array([{"key": 1}], dtype=object))
    with pytest.raises(ValueError, match="must hold numbers, not object"):
        stored.read_arrays(tmp_path / "a.npz", ("a",))


def test_an_array_may_not_ask_for_more_memory_than_it_has_bytes(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", a_npy=npy((1 << 40,), b"12345678"))
    with pytest.raises(ValueError, match=r"a\.npy asks for 8,796,093,022,208 bytes and has 8"):
        stored.read_arrays(path, ("a",))


def test_an_archive_that_unpacks_to_a_hundred_times_its_size_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", a_npy=npy((10_000_000,), bytes(80_000_000)))
    assert path.stat().st_size < 200_000
    with pytest.raises(ValueError, match="more than 100 times as much"):
        stored.read_arrays(path, ("a",))


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_python_would_unpack_in_one_piece_is_refused(how: int, tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", how, a_npy=npy((1,), b"12345678"))
    with pytest.raises(ValueError, match="packed in another way"):
        stored.read_arrays(path, ("a",))


@pytest.mark.parametrize("name", ["../a.npy", "/etc/a.npy", "b/../../a.npy", "..\\a.npy"])
def test_a_member_that_leads_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", a_npy=npy((1,), b"12345678"), other=name)
    with pytest.raises(ValueError, match="leads out of the archive"):
        stored.read_arrays(path, ("a",))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", a_npy=npy((1,), b"12345678"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.npy", npy((1,), b"87654321"))
    with pytest.raises(ValueError, match="two files of one name"):
        stored.read_arrays(path, ("a",))


def test_a_missing_array_and_a_damaged_file_are_said(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz", a_npy=npy((1,), b"12345678"))
    with pytest.raises(ValueError, match=r"a\.npz is damaged.*b\.npy"):
        stored.read_arrays(path, ("b",))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"a\.npz is damaged"):
        stored.read_arrays(path, ("a",))


def test_a_file_is_read_up_to_its_limit_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(["word"] * 3))
    assert stored.read_json(tmp_path / "a.json", most=40) == ["word"] * 3
    with pytest.raises(ValueError, match="larger than 20 bytes"):
        stored.read_json(tmp_path / "a.json", most=20)
    (tmp_path / "b.json").symlink_to("/dev/zero")
    with pytest.raises(ValueError, match="is no plain file"):
        stored.read_json(tmp_path / "b.json")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(ValueError, match="is no plain file"):
        stored.read_json(tmp_path / "a.json")


def test_json_that_is_nested_too_deep_is_no_bug(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" * 200_000)
    with pytest.raises(ValueError, match="nested too deep"):
        stored.read_json(tmp_path / "a.json")


def test_what_gzip_packed_is_unpacked_up_to_a_hundred_times_its_size() -> None:
    assert stored.unpacked(gzip.compress("좋다".encode() * 1_000)) == "좋다".encode() * 1_000
    with pytest.raises(ValueError, match="unpacks to more than 100 times"):
        stored.unpacked(gzip.compress(bytes(80_000_000)))


@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "a/../../secret.json"])
def test_a_name_may_not_lead_out_of_its_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert stored.inside(folder, "inner.json") == folder / "inner.json"
    with pytest.raises(ValueError, match="leads out of the folder"):
        stored.inside(folder, name)


def test_a_link_may_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(ValueError, match="leads out of the folder"):
        stored.inside(folder, "link.json")
