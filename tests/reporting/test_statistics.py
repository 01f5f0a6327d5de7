from math import isinf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.reporting.statistics import (
    Interval,
    difference,
    over_seeds,
    wilson,
)

shares = st.floats(0, 1)
row_counts = st.integers(1, 100_000)


@pytest.mark.parametrize(
    ("correct", "rows", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(correct: int, rows: int, low: float, high: float) -> None:
    interval = wilson(correct / rows, rows)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@given(shares, row_counts)
def test_wilson_stays_a_share_and_holds_its_accuracy(accuracy: float, rows: int) -> None:
    interval = wilson(accuracy, rows)
    assert 0 <= interval.low <= accuracy <= interval.high <= 1


@given(shares, st.integers(1, 50_000))
def test_wilson_narrows_with_more_rows(accuracy: float, rows: int) -> None:
    few, many = wilson(accuracy, rows), wilson(accuracy, 2 * rows)
    assert many.high - many.low < few.high - few.low


@given(shares, row_counts)
def test_wilson_of_the_errors_mirrors_wilson_of_the_answers(accuracy: float, rows: int) -> None:
    right, wrong = wilson(accuracy, rows), wilson(1 - accuracy, rows)
    assert (right.low, right.high) == pytest.approx((1 - wrong.high, 1 - wrong.low), abs=1e-9)


@pytest.mark.parametrize(("accuracy", "rows"), [(0.5, 0), (1.2, 10), (-0.1, 10), (float("nan"), 10)])
def test_wilson_refuses_what_is_no_accuracy(accuracy: float, rows: int) -> None:
    with pytest.raises(ValueError, match="Received"):
        wilson(accuracy, rows)


def test_the_difference_has_the_published_interval() -> None:
    # Newcombe 1998, Statistics in Medicine 17:873-890, table II, contrast (a), method 10.
    found = difference(wilson(56 / 70, 70), wilson(48 / 80, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(shares, row_counts, shares, row_counts)
def test_the_difference_changes_sign_with_the_order(first: float, n: int, second: float, m: int) -> None:
    one, other = wilson(first, n), wilson(second, m)
    forth, back = difference(one, other), difference(other, one)
    assert (forth.value, forth.low, forth.high) == pytest.approx((-back.value, -back.high, -back.low), abs=1e-12)


def test_the_mean_over_seeds_has_the_interval_of_students_t() -> None:
    # t(0.975, 2 degrees of freedom) = 4.30265; the standard deviation is 0.01.
    found = over_seeds([0.84, 0.85, 0.86])
    half = 4.30265 * 0.01 / 3**0.5
    assert (found.value, found.low, found.high) == pytest.approx((0.85, 0.85 - half, 0.85 + half), abs=1e-6)


def test_one_seed_has_no_interval_and_shows_none() -> None:
    found = over_seeds([0.8542])
    assert isinf(found.low)
    assert isinf(found.high)
    assert str(found) == "0.8542"


def test_no_seed_has_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one"):
        over_seeds([])


def test_an_interval_reads_value_and_ends() -> None:
    assert str(Interval(0.8542, 0.85114, 0.85731)) == "0.8542 [0.8511, 0.8573]"
