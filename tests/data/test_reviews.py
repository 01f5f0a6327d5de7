import numpy as np
import pytest

from bitjaru.data.reviews import Reviews, Splits

REVIEWS = Reviews(["좋다", "나쁘다", "그저 그렇다"], np.array([1, 0, 0], np.int32))


def test_every_text_needs_a_label() -> None:
    with pytest.raises(ValueError, match=r"one label\. Received: 1 texts, 2 labels"):
        Reviews(["좋다"], np.array([1, 0], np.int32))


def test_taken_reviews_keep_their_labels_and_come_in_the_order_asked_for() -> None:
    taken = REVIEWS.take(np.array([2, 0]))
    assert taken.texts == ["그저 그렇다", "좋다"]
    assert taken.labels.tolist() == [0, 1]
    assert len(taken) == 2


def test_a_part_that_is_absent_stays_absent() -> None:
    splits: Splits[int] = Splits(train=3, valid=None, test=5)
    assert splits.map(str) == Splits(train="3", valid=None, test="5")
    assert list(splits.items()) == [("train", 3), ("test", 5)]


def test_a_part_that_is_zero_or_empty_is_there_all_the_same() -> None:
    splits: Splits[list[int]] = Splits(train=[1], valid=[], test=[])
    assert [part for part, _ in splits.items()] == ["train", "valid", "test"]
    assert splits.map(len) == Splits(train=1, valid=0, test=0)


def test_zipping_pairs_the_parts_that_both_have() -> None:
    numbers, letters = Splits(train=1, valid=2, test=None), Splits(train="a", valid=None, test="c")
    assert numbers.zip(letters) == Splits(train=(1, "a"), valid=None, test=None)
