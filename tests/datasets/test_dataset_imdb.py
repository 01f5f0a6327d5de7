import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_datasets import ROWS, complaint, dataset, imdb_arrays, write_imdb

from bitjaru.datasets import Dataset
from bitjaru.datasets.object_arrays import Lists


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_imdb(tmp_path)
    return tmp_path


def imdb(folder: Path, **changes: Any) -> Dataset:
    return dataset("imdb", {"path": str(folder), "validation.fraction": 0.0} | changes)


def write_arrays(folder: Path, **changes: Any) -> None:
    np.savez(folder / "imdb.npz", **(imdb_arrays(ROWS) | changes))


def rewrite(folder: Path, name: str, data: bytes) -> None:
    """Replaces one array of the archive by these bytes."""
    with zipfile.ZipFile(folder / "imdb.npz") as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    with zipfile.ZipFile(folder / "imdb.npz", "w") as archive:
        for member, content in (members | {name: data}).items():
            archive.writestr(member, content)


def pickled_array(content: object) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (ROWS,)})
    return file.getvalue() + pickle.dumps(content)


def test_ranks_become_the_words_that_the_index_names(folder: Path) -> None:
    assert "word3 the film" in imdb(folder).load().splits.train.texts


def test_the_order_is_the_one_that_keras_gives(folder: Path) -> None:
    corpus = imdb(folder).load()
    generator = np.random.RandomState(113)
    for name, reviews in corpus.splits.items():
        arrays, order = imdb_arrays(ROWS), np.arange(ROWS)
        generator.shuffle(order)
        full = [row for row in order if arrays[f"x_{name}"][row]]
        assert reviews.labels.tolist() == arrays[f"y_{name}"][full].tolist()
        assert list(reviews.texts) == [f"word{arrays[f'x_{name}'][row][0]} the film" for row in full]


def test_reviews_without_words_are_dropped(folder: Path) -> None:
    corpus = imdb(folder).load()
    assert corpus.read == {"x_train": ROWS, "x_test": ROWS}
    assert corpus.dropped == {"empty": 2}


def test_the_tail_holds_both_classes_though_the_file_is_sorted(folder: Path) -> None:
    splits = imdb(folder, **{"validation.fraction": 0.3, "validation.how": "tail"}).load().splits
    assert splits.valid is not None
    assert set(splits.valid.labels.tolist()) == {0, 1}


def test_few_rows_hold_both_classes_and_the_test_part_stays_whole(folder: Path) -> None:
    corpus = imdb(folder, rows=10).load()
    assert corpus.read == {"x_train": 10, "x_test": ROWS}
    assert set(corpus.splits.train.labels.tolist()) == {0, 1}


class _Intruder:
    """When unpickled as usual, writes a file."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self._target, "was here"))


def test_a_file_cannot_make_the_reader_run_code(folder: Path) -> None:
    target = folder / "intruder"
    rewrite(folder, "x_train.npy", pickled_array(_Intruder(target)))
    assert "a pickle that asks for pathlib" in complaint(imdb(folder))
    assert not target.exists()
    np.load(folder / "imdb.npz", allow_pickle=True)["x_train"]  # which shows that the intruder is able
    assert target.exists()


def test_a_file_cannot_reach_numpys_own_functions(folder: Path) -> None:
    rewrite(folder, "x_train.npy", pickled_array(np.array([np.float64(1.0), np.load], object)))
    assert "a pickle that asks for numpy" in complaint(imdb(folder))


@pytest.mark.parametrize("kept", [0, 500, -30])
def test_an_archive_that_is_cut_off(kept: int, folder: Path) -> None:
    file = folder / "imdb.npz"
    file.write_bytes(file.read_bytes()[:kept])
    assert "imdb.npz must be an .npz file with the arrays x_train, x_test, y_train, y_test" in complaint(imdb(folder))


@pytest.mark.parametrize("data", [b"", b"\x93NUMPY\x01", b"\x93NUMPY\x02\x00", pickled_array(1)[:-3]])
def test_a_damaged_array(data: bytes, folder: Path) -> None:
    rewrite(folder, "x_test.npy", data)
    assert "imdb.npz must be an .npz file" in complaint(imdb(folder))


def test_a_missing_array(folder: Path) -> None:
    arrays = imdb_arrays(ROWS)
    np.savez(folder / "imdb.npz", **{name: array for name, array in arrays.items() if name != "y_test"})
    assert "y_test.npy" in complaint(imdb(folder))


@pytest.mark.parametrize("labels", [np.full(ROWS, 2), np.zeros(ROWS - 1, int)])
def test_labels_that_do_not_fit(labels: Any, folder: Path) -> None:
    write_arrays(folder, y_train=labels)
    assert "must be as long as each other, and the labels 0 or 1" in complaint(imdb(folder))


@pytest.mark.parametrize("ranks", [["film"], "film", 5, [[1]], [1.0], [None], [2**40], None])
def test_a_review_that_is_no_list_of_whole_numbers(ranks: Any, folder: Path) -> None:
    rows = imdb_arrays(ROWS)["x_train"]
    rows[0] = ranks
    write_arrays(folder, x_train=rows)
    assert "made of lists of whole numbers, and numbers. Received: " in complaint(imdb(folder))


@pytest.mark.parametrize("reviews", [np.ones(ROWS, int), np.ones((ROWS, 2), object)])
def test_reviews_that_are_no_lists(reviews: Any, folder: Path) -> None:
    write_arrays(folder, x_train=reviews)
    assert "Received: an array `x_train`" in complaint(imdb(folder))


def test_labels_that_are_pickled(folder: Path) -> None:
    rewrite(folder, "y_train.npy", pickled_array(_Intruder(folder / "intruder")))
    assert "imdb.npz must be an .npz file" in complaint(imdb(folder))
    assert not (folder / "intruder").exists()


@given(st.lists(st.lists(st.integers(-(2**31), 2**31 - 1))))
def test_lists_are_numbers_of_four_bytes_and_where_each_list_begins(rows: list[list[int]]) -> None:
    lists = Lists.of(rows)
    assert lists.numbers.dtype == np.int32
    assert lists.numbers.nbytes == 4 * sum(map(len, rows))
    assert len(lists) == len(rows)
    starts, ends = lists.offsets[:-1], lists.offsets[1:]
    assert [lists.numbers[start:end].tolist() for start, end in zip(starts, ends, strict=True)] == rows


@pytest.mark.parametrize("ranks", [[0], [-1], [10**6]])
def test_a_rank_that_the_index_does_not_know(ranks: Any, folder: Path) -> None:
    rows = imdb_arrays(ROWS)["x_train"]
    rows[0] = ranks
    write_arrays(folder, x_train=rows)
    assert "must be a list of ranks that the word index knows. Received: " in complaint(imdb(folder))


def test_no_review_with_words(folder: Path) -> None:
    rows = np.empty(ROWS, object)
    rows[:] = [[] for _ in range(ROWS)]
    write_arrays(folder, x_test=rows)
    assert "must have words. Received: 40 rows, none of them with words" in complaint(imdb(folder))


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", '{"film": [1]}', '{"film": -1}', '{"film": 1.5}', '{"film": 1000000000000}']
)
def test_a_damaged_word_index(text: str, folder: Path) -> None:
    (folder / "imdb_word_index.json").write_text(text, encoding="utf-8")
    assert "imdb_word_index.json must be a JSON object from words to ranks" in complaint(imdb(folder))


def test_one_file_where_two_are_needed(folder: Path) -> None:
    said = complaint(imdb(folder, path=str(folder / "imdb.npz")))
    assert "must be a folder that holds imdb.npz and imdb_word_index.json" in said


def test_a_word_index_without_reviews(folder: Path) -> None:
    (folder / "imdb.npz").unlink()
    assert json.loads((folder / "imdb_word_index.json").read_text(encoding="utf-8"))["film"] == 2
    assert "must name a folder that holds imdb.npz" in complaint(imdb(folder))
