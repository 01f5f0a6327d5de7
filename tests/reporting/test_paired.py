from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitjaru.reporting.paired import Pairs, bootstrap, mcnemar
from bitjaru.reporting.statistics import Interval

cells = st.integers(0, 300)


def test_pairs_are_counted_row_by_row() -> None:
    first = np.array([True, True, True, False, False, True])
    second = np.array([True, False, False, True, False, True])
    assert Pairs.count(first, second) == Pairs(both=2, first_only=2, second_only=1, neither=1)


def test_models_that_answered_other_rows_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="same rows"):
        Pairs.count(np.array([True]), np.array([True, False]))


def test_few_discordant_pairs_get_the_exact_test() -> None:
    # Fagerland, Lydersen and Laake 2013, table 1 (airway hyper-responsiveness): the exact conditional p-value.
    found = mcnemar(Pairs(1, 1, 7, 12))
    assert found.method == "McNemar, exact"
    assert found.p == pytest.approx(0.0703, abs=5e-5)


@pytest.mark.parametrize(
    ("first_only", "second_only", "exact"),
    # The exact p-values that statsmodels' own tests quote from Vassar College's calculator.
    [(121, 59, 0.000004), (70, 59, 0.378688), (80, 59, 0.089452), (30, 60, 0.00206), (10, 30, 0.002221)],
)
def test_mid_p_is_the_exact_p_less_the_chance_of_what_was_seen(first_only: int, second_only: int, exact: float) -> None:
    found = mcnemar(Pairs(101, first_only, second_only, 33))
    seen = comb(first_only + second_only, first_only) / 2 ** (first_only + second_only)
    assert found.method == "McNemar, mid-p"
    assert found.p == pytest.approx(exact - seen, abs=1e-6)


@given(cells, cells, cells, cells)
def test_mcnemar_is_a_probability_and_does_not_mind_the_order(both: int, one: int, other: int, neither: int) -> None:
    forth, back = mcnemar(Pairs(both, one, other, neither)), mcnemar(Pairs(both, other, one, neither))
    assert forth == back
    assert 0 <= forth.p <= 1


@given(st.integers(0, 150), st.integers(0, 149))
def test_mcnemar_grows_surer_as_the_counts_part(few: int, more: int) -> None:
    near, far = mcnemar(Pairs(0, few, few + more, 0)), mcnemar(Pairs(0, few, few + more + 1, 0))
    if near.method == far.method:
        assert far.p <= near.p + 1e-12


def test_models_that_never_differ_are_not_told_apart() -> None:
    same = Pairs(40, 0, 0, 10)
    assert mcnemar(same).p == 1
    assert bootstrap(same, seed=1) == Interval(0, 0, 0)


def test_the_bootstrap_agrees_with_the_normal_interval_on_many_rows() -> None:
    pairs = Pairs(both=40_000, first_only=3_000, second_only=2_500, neither=4_500)
    gap = 500 / 50_000
    half = 1.96 * ((5_500 / 50_000 - gap**2) / 50_000) ** 0.5
    found = bootstrap(pairs, seed=7, resamples=20_000)
    assert (found.value, found.low, found.high) == pytest.approx((gap, gap - half, gap + half), abs=2e-4)


def test_the_bootstrap_draws_what_resampled_rows_would_give() -> None:
    generator = np.random.default_rng(3)
    first, second = generator.random(400) < 0.85, generator.random(400) < 0.80
    rows = generator.integers(0, 400, (20_000, 400))
    low, high = np.quantile((first.astype(int) - second)[rows].mean(axis=1), [0.025, 0.975])
    found = bootstrap(Pairs.count(first, second), seed=5, resamples=20_000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=3e-3)


@settings(max_examples=30)
@given(cells, cells, cells, st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_the_bootstrap_repeats_itself_and_holds_the_difference(
    both: int, one: int, other: int, neither: int, seed: int
) -> None:
    pairs = Pairs(both, one, other, neither)
    found = bootstrap(pairs, seed=seed, resamples=500)
    assert found == bootstrap(pairs, seed=seed, resamples=500)
    assert -1 <= found.low <= found.high <= 1
