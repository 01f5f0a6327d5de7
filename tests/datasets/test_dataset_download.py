import hashlib
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from publisher import Publisher
from small_datasets import ROWS, complaint, dataset, naver_text, nsmc_text

from bitjaru import project
from bitjaru.datasets import Dataset
from bitjaru.datasets import download as downloading
from bitjaru.datasets.download import PIECE, download
from bitjaru.errors import DataError

DATA = b"".join(b"%d\t1\n" % row for row in range(30_000))
SHA256 = hashlib.sha256(DATA).hexdigest()
CLOSED = "http://127.0.0.1:9"  # the port of the discard service: nobody listens there


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "PAUSES", (0.0, 0.0))


@pytest.fixture
def url(publisher: Publisher) -> str:
    publisher.files["/reviews.txt"] = DATA
    return f"{publisher.address}/reviews.txt"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "nsmc" / "reviews.txt"


def left_over(target: Path) -> set[str]:
    return {file.name for file in target.parent.iterdir()} - {f"{target.name}.lock"}


def nsmc(publisher: Publisher, **changes: Any) -> Dataset:
    """Returns NSMC's option with its training file published here, and no other."""
    data = nsmc_text(ROWS).encode()
    publisher.files["/ratings_train.txt"] = data
    official = {"train_file.url": f"{publisher.address}/ratings_train.txt"}
    return dataset(
        "nsmc", official | {"train_file.sha256": hashlib.sha256(data).hexdigest(), "test_file": None} | changes
    )


def test_a_file_is_downloaded_once(url: str, target: Path, publisher: Publisher) -> None:
    for _ in range(3):
        download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA
    assert publisher.asked == [""]
    assert left_over(target) == {"reviews.txt"}


def test_a_cut_connection_is_resumed_where_it_broke_off(url: str, target: Path, publisher: Publisher) -> None:
    publisher.cuts = [8 * PIECE, 12 * PIECE + 7]
    download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA
    assert publisher.asked == ["", f"bytes={8 * PIECE}-", f"bytes={20 * PIECE}-"]


def test_any_number_of_cuts_is_survived_as_long_as_bytes_arrive(url: str, target: Path, publisher: Publisher) -> None:
    publisher.cuts = [20_000] * 8
    download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA


def test_a_server_without_ranges_starts_over(url: str, target: Path, publisher: Publisher) -> None:
    publisher.ranges = False
    publisher.cuts = [70_000]
    download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA


def test_a_server_that_stays_silent_leaves_no_half_file(url: str, target: Path, publisher: Publisher) -> None:
    publisher.cuts = [70_000, 0, 0, 0]
    with pytest.raises(DataError, match="must be reachable"):
        download(url, target, sha256=SHA256)
    assert not target.exists()


def test_the_next_process_goes_on_with_what_an_earlier_one_left(url: str, target: Path, publisher: Publisher) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("reviews.txt.partial").write_bytes(DATA[:50_000])
    download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA
    assert publisher.asked == ["bytes=50000-"]


@pytest.mark.parametrize("old", [b"another file", DATA + b"longer", DATA], ids=["other", "longer", "complete"])
def test_what_an_earlier_process_left_may_be_useless(old: bytes, url: str, target: Path) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("reviews.txt.partial").write_bytes(old)
    download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA
    assert left_over(target) == {"reviews.txt"}


def test_an_old_beginning_is_not_trusted_where_no_sum_can_tell(url: str, target: Path, publisher: Publisher) -> None:
    target.parent.mkdir(parents=True)
    target.with_name("reviews.txt.partial").write_bytes(b"another file")
    download(url, target, sha256=None)
    assert target.read_bytes() == DATA
    assert publisher.asked == [""]


def test_a_file_that_was_damaged_in_the_cache_is_downloaded_again(
    url: str, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target.parent.mkdir(parents=True)
    target.write_bytes(DATA[:-1])
    download(url, target, sha256=SHA256)
    assert target.read_bytes() == DATA
    assert "is damaged: it is downloaded again" in caplog.text


def test_a_wrong_sum_names_both_and_leaves_nothing(url: str, target: Path) -> None:
    with pytest.raises(DataError) as caught:
        download(url, target, sha256="0" * 64)
    assert f"must have the sha256 {'0' * 64}. Received: {SHA256}." in str(caught.value)
    assert "conf/dataset" in str(caught.value)
    assert left_over(target) == set()


def test_two_processes_that_want_the_same_file_download_it_once(url: str, target: Path, publisher: Publisher) -> None:
    publisher.pause = 1.0
    program = (
        "import sys; from pathlib import Path; from bitjaru.datasets.download import download;"
        "download(sys.argv[1], Path(sys.argv[2]), sha256=sys.argv[3])"
    )
    command = [sys.executable, "-c", program, url, str(target), SHA256]
    processes = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert target.read_bytes() == DATA
    assert publisher.asked == [""]


def test_progress_is_told_while_it_lasts(
    url: str, target: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bitjaru.terminal.LINE_SECONDS", 0.0)
    caplog.set_level(logging.INFO)
    download(url, target, sha256=SHA256)
    assert f"of {len(DATA):,} (100 %)" in caplog.text


def test_a_download_is_cached_under_the_projects_cache(publisher: Publisher) -> None:
    corpus = nsmc(publisher).load()
    assert corpus.source == f"{publisher.address}/ratings_train.txt"
    assert (project.cache() / "datasets/nsmc/ratings_train.txt").read_bytes() == nsmc_text(ROWS).encode()
    assert nsmc(publisher).load().sha256 == corpus.sha256
    assert publisher.asked == [""]


def test_a_file_without_a_known_sum_is_recorded_and_said(
    publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.files["/naver_shopping.txt"] = naver_text(ROWS).encode()
    corpus = dataset("naver_shopping", {"train_file.url": f"{publisher.address}/naver_shopping.txt"}).load()
    assert f"{corpus.sha256} was recorded, not checked" in caplog.text


def test_without_a_network_the_error_says_what_to_do(publisher: Publisher) -> None:
    said = complaint(nsmc(publisher, **{"train_file.url": f"{CLOSED}/ratings_train.txt"}))
    assert f"The address {CLOSED}/ratings_train.txt must be reachable" in said
    assert "put it (plain or .gz) into a folder" in said
    assert "`dataset.path=FOLDER`" in said
    assert "BITJARU_DATA=FOLDER" in said


def test_a_server_that_refuses_is_not_asked_again(publisher: Publisher) -> None:
    publisher.status = 404
    assert "Received: 404" in complaint(nsmc(publisher))
    assert publisher.asked == [""]


def test_a_server_in_trouble_is_asked_again(publisher: Publisher) -> None:
    publisher.status = 503
    assert "Received: 503" in complaint(nsmc(publisher))
    assert publisher.asked == ["", "", ""]


def test_a_cache_that_cannot_be_written(publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("BITJARU_CACHE", str(tmp_path / "file"))
    said = complaint(nsmc(publisher))
    assert "must be writable and have room. Received: " in said
    assert "BITJARU_CACHE" in said
