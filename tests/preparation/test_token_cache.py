import logging
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bitjaru.data.reviews import Splits
from bitjaru.data.tokens import Tokens
from bitjaru.preparation import token_files
from bitjaru.preparation.token_cache import tokenize

NOBODY = 65534
TRAIN, TEST = ["정말 재밌다", "별로 별로", "정말 재밌다", ""], ["별로 별로", "새 영화"]
SPLITS: Splits[Sequence[str]] = Splits(TRAIN, None, TEST)


class Spaces:
    """Splits at spaces and counts what it was asked."""

    engine = "spaces 1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        self.asked.extend(texts)
        return (text.split() for text in texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "tokens"


def rows(tokens: Splits[Tokens]) -> dict[str, list[list[str]]]:
    return {name: list(part) for name, part in tokens.items()}


EXPECTED = {name: [text.split() for text in part] for name, part in SPLITS.items()}


def test_each_part_gets_its_tokens_in_its_order(folder: Path) -> None:
    tokenized = tokenize(Spaces(), SPLITS, folder)
    assert rows(tokenized.tokens) == EXPECTED
    assert tokenized.tokens.valid is None
    assert not tokenized.hit


def test_a_text_that_occurs_twice_is_tokenized_once(folder: Path) -> None:
    spaces = Spaces()
    tokenize(spaces, SPLITS, folder)
    assert spaces.asked == sorted({*TRAIN, *TEST})


def test_the_second_time_nothing_is_tokenized(folder: Path) -> None:
    first = tokenize(Spaces(), SPLITS, folder)
    spaces = Spaces()
    second = tokenize(spaces, SPLITS, folder)
    assert spaces.asked == []
    assert second.hit
    assert second.key == first.key
    assert rows(second.tokens) == EXPECTED


def test_another_split_of_the_same_texts_is_a_hit(folder: Path) -> None:
    tokenize(Spaces(), SPLITS, folder)
    other: Splits[Sequence[str]] = Splits(TEST[::-1], TRAIN[:2], TRAIN[2:])
    tokenized = tokenize(Spaces(), other, folder)
    assert tokenized.hit
    assert list(tokenized.tokens.train) == [["새", "영화"], ["별로", "별로"]]


def test_no_texts_at_all_are_kept_too(folder: Path) -> None:
    nothing: Splits[Sequence[str]] = Splits([], None, None)
    assert rows(tokenize(Spaces(), nothing, folder).tokens) == {"train": []}
    assert tokenize(Spaces(), nothing, folder).hit


def damaged_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


@pytest.mark.parametrize("which", [0, 1], ids=["codes", "words"])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "emptied", "replaced", "missing"])
def test_a_damaged_file_is_noticed_and_made_again(
    folder: Path, which: int, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    tokenize(Spaces(), SPLITS, folder)
    file = damaged_files(folder)[which]
    content = file.read_bytes()
    middle = content.index(b"PAR1") + 12
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(
            {
                "flipped": content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :],
                "truncated": content[: len(content) // 2],
                "emptied": b"",
                "replaced": b"not a Parquet file at all",
            }[damage]
        )
    again = tokenize(Spaces(), SPLITS, folder)
    assert not again.hit
    assert rows(again.tokens) == EXPECTED
    assert damage == "missing" or "is damaged" in caplog.text
    assert tokenize(Spaces(), SPLITS, folder).hit


def test_tokens_of_other_texts_are_noticed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    tokenize(Spaces(), SPLITS, folder)
    token_files.write(Tokens.from_rows([["다른", "글"]]), damaged_files(folder)[0])
    assert rows(tokenize(Spaces(), SPLITS, folder).tokens) == EXPECTED
    assert "is damaged" in caplog.text


def test_no_flipped_byte_goes_unnoticed(folder: Path) -> None:
    tokens = Tokens.from_rows([["가", "나"] * 5, [], ["다"] * 7])
    path = folder / "tokens.parquet"
    token_files.write(tokens, path)
    choose = random.Random(5)
    for file in (path, token_files.words_path(path)):
        content = file.read_bytes()
        for place in choose.sample(range(len(content)), 150):
            file.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
            try:
                found = token_files.read(path, texts=3)
            except token_files.Damaged:
                continue
            assert list(found) == list(tokens), f"byte {place}"  # a byte of no meaning, such as the writer's name
        file.write_bytes(content)


SLOW = """
import sys, time
from pathlib import Path
from bitjaru.data.reviews import Splits
from bitjaru.preparation.token_cache import tokenize
class Slow:
    engine = "slow 1"
    def tokenize(self, texts):
        with open(sys.argv[2], "a") as log:
            log.write("asked\\n")
        for text in texts:
            time.sleep(0.3)
            yield text.split()
tokenized = tokenize(Slow(), Splits(["a b", "c", "d", "e"], None, None), Path(sys.argv[1]))
print(tokenized.hit, list(tokenized.tokens.train))
"""


def test_processes_that_want_the_same_tokens_wait_for_the_first(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "asked.txt"
    command = [sys.executable, "-c", SLOW, str(folder), str(log)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = sorted(process.communicate()[0].strip() for process in processes)
    assert log.read_text() == "asked\n"
    assert answers == [f"False {[['a', 'b'], ['c'], ['d'], ['e']]}"] + 2 * [f"True {[['a', 'b'], ['c'], ['d'], ['e']]}"]


def test_a_process_killed_while_it_tokenizes_blocks_no_other(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "asked.txt"
    command = [sys.executable, "-c", SLOW, str(folder), str(log)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as first:
        while not log.exists():
            assert first.poll() is None
        first.kill()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("False")
    assert sorted(file.suffix for file in folder.iterdir()) == [".lock", ".parquet", ".parquet"]


def test_a_cache_that_cannot_be_a_folder_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    tokenized = tokenize(Spaces(), SPLITS, tmp_path / "file" / "tokens")
    assert rows(tokenized.tokens) == EXPECTED
    assert "Tokens are not kept for the next run" in caplog.text
    assert "BITJARU_CACHE" in caplog.text


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder that this process can read and not write, even when root runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokenize(Spaces(), SPLITS, folder)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


def test_a_read_only_cache_still_gives_what_it_has(locked_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert tokenize(Spaces(), SPLITS, locked_folder).hit
    assert caplog.messages == []


def test_a_read_only_cache_takes_nothing_and_the_run_goes_on(
    locked_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tokenized = tokenize(Spaces(), Splits(["다른 글"], None, None), locked_folder)
    assert rows(tokenized.tokens) == {"train": [["다른", "글"]]}
    assert "Tokens are not kept for the next run" in caplog.text


def test_a_full_disk_takes_nothing_and_the_run_goes_on(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts = [f"{number} 번째" for number in range(5_000)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        tokenized = tokenize(Spaces(), Splits(texts, None, None), folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tokenized.tokens.train)[4_999] == ["4999", "번째"]
    assert "Tokens are not kept for the next run" in caplog.text
    assert list(folder.glob("*.parquet")) == []
    assert list(folder.glob(".*")) == [], "no half-written file stays"


def test_arrow_gives_back_what_it_took_to_read(folder: Path) -> None:
    import pyarrow

    splits = Splits[Sequence[str]](["a b", "c"], None, None)
    tokenize(Spaces(), splits, folder)
    assert tokenize(Spaces(), splits, folder).hit
    assert pyarrow.default_memory_pool().backend_name == "system"  # any other keeps it for itself
