import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from bitjaru.data.reviews import Reviews
from bitjaru.datasets.holdout import HoldOut, split
from bitjaru.errors import DataError

NOTHING = HoldOut(fraction=0.0, how="random", seed=0)


def reviews(count: int) -> Reviews:
    return Reviews([str(row) for row in range(count)], np.arange(count, dtype=np.int32) % 2)


def rows(part: Reviews | None) -> list[int]:
    assert part is not None
    return [int(text) for text in part.texts]


@pytest.mark.parametrize(("count", "fraction"), [(100, 0.2), (101, 0.1), (7, 0.5)])
def test_a_random_part_holds_the_rows_that_scikit_learn_takes(count: int, fraction: float) -> None:
    staying, aside = HoldOut(fraction=fraction, how="random", seed=42).divide(reviews(count))
    expected = train_test_split(range(count), test_size=fraction, random_state=42)
    assert rows(staying) == sorted(expected[0])
    assert rows(aside) == sorted(expected[1])


def test_the_tail_is_cut_where_keras_cuts_it() -> None:
    # Keras: floor(n * (1 - validation_split)) rows stay.
    staying, aside = HoldOut(fraction=0.2, how="tail", seed=0).divide(reviews(14))
    assert rows(staying) == list(range(11))
    assert rows(aside) == [11, 12, 13]


def test_labels_go_with_their_texts() -> None:
    _, aside = HoldOut(fraction=0.3, how="random", seed=1).divide(reviews(50))
    assert aside is not None
    assert aside.labels.tolist() == [row % 2 for row in rows(aside)]


def test_a_fraction_of_0_sets_nothing_aside() -> None:
    staying, aside = NOTHING.divide(reviews(3))
    assert rows(staying) == [0, 1, 2]
    assert aside is None


def test_another_seed_takes_other_rows() -> None:
    first, second = (HoldOut(fraction=0.2, how="random", seed=seed).divide(reviews(100))[1] for seed in (1, 2))
    assert rows(first) != rows(second)


def test_the_validation_tail_is_the_end_of_what_the_test_part_leaves() -> None:
    test = HoldOut(fraction=0.5, how="random", seed=3)
    parts = split(reviews(40), test=test, validation=HoldOut(fraction=0.5, how="tail", seed=0))
    staying, aside = test.divide(reviews(40))
    assert rows(parts.test) == rows(aside)
    assert rows(parts.train) + rows(parts.valid) == rows(staying)


@pytest.mark.parametrize("fraction", [0.2, 0.999])
def test_one_review_cannot_be_divided(fraction: float) -> None:
    with pytest.raises(DataError, match=r"must leave reviews on both sides. Received: 1 reviews. Read more rows"):
        HoldOut(fraction=fraction, how="random", seed=0).divide(reviews(1))
