import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from bitjaru.reporting.roc import roc

answers = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20)), min_size=2, max_size=200).filter(
    lambda rows: len({target for target, _ in rows}) == 2
)


def test_a_perfect_ranking_has_area_one_and_a_corner() -> None:
    curve = roc(np.array([0, 0, 1, 1], np.int32), np.array([0.1, 0.2, 0.8, 0.9]))
    assert curve is not None
    assert curve.area == 1
    assert list(zip(curve.false_positives, curve.true_positives, strict=True)) == [(0, 0), (0, 1), (1, 1)]


def test_scores_that_are_all_equal_say_nothing() -> None:
    curve = roc(np.array([0, 1, 0, 1], np.int32), np.full(4, 0.5))
    assert curve is not None
    assert curve.area == 0.5
    assert curve.false_positives.tolist() == [0, 1]


@given(answers)
def test_the_area_is_that_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    targets, scores = (np.array(column) for column in zip(*rows, strict=True))
    curve = roc(targets.astype(np.int32), scores / 20)
    assert curve is not None
    assert curve.area == pytest.approx(roc_auc_score(targets, scores))
    assert np.all(np.diff(curve.false_positives) >= 0)
    assert np.all(np.diff(curve.true_positives) >= 0)
    # Leaving out points on straight runs leaves the area.
    assert np.trapezoid(curve.true_positives, curve.false_positives) == pytest.approx(curve.area)


@pytest.mark.parametrize("targets", [[0, 0], [1, 1], []])
def test_one_class_alone_has_no_curve(targets: list[int]) -> None:
    assert roc(np.array(targets, np.int32), np.zeros(len(targets))) is None
