from pathlib import Path

import numpy as np
import pytest

from bitjaru.errors import BundleError
from bitjaru.models.answers import Answers, keys_of


def answers(texts: list[str]) -> Answers:
    return Answers(keys_of(texts), np.arange(len(texts), dtype=np.int32), np.ones((len(texts), 1)))


def test_keys_tell_reviews_apart_and_equal_ones_by_how_often_they_came_before() -> None:
    keys = keys_of(["최고", "별로", "최고", "", "\ud800"])
    assert len(set(keys.tolist())) == 5
    assert keys_of(["별로", "최고", "최고"])[[0, 1, 2]].tolist() == keys[[1, 0, 2]].tolist()


def test_two_models_are_paired_by_review_whatever_the_order() -> None:
    one, other = answers(["가", "나", "나", "다"]).shared(answers(["라", "다", "나"]))
    assert sorted(zip(one.targets.tolist(), other.targets.tolist(), strict=True)) == [(1, 2), (3, 1)]


def test_answers_come_back_from_their_file(tmp_path: Path) -> None:
    kept = answers(["가", "나"])
    kept.save(tmp_path / "test.npz")
    loaded = Answers.load(tmp_path / "test.npz")
    assert loaded.keys.tolist() == kept.keys.tolist()
    assert loaded.probabilities.dtype == np.float64


def test_a_damaged_file_of_answers_is_named(tmp_path: Path) -> None:
    (tmp_path / "test.npz").write_bytes(b"PK")
    with pytest.raises(BundleError, match=r"test\.npz"):
        Answers.load(tmp_path / "test.npz")
