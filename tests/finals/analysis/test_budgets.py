"""The expected best of n trials, and calibration, against what they are by definition."""

from itertools import combinations

import numpy as np
import pytest

from bitjaru.finals.analysis.budgets import expected_best
from bitjaru.finals.analysis.calibration import expected_calibration_error, reliability


def test_the_expected_best_of_n_is_the_mean_over_all_ways_to_draw_n() -> None:
    values = [0.8, 0.82, 0.7, 0.82, 0.9]
    found = expected_best(values, [10.0, 20.0, 30.0, 20.0, 20.0])
    for budget in found:
        best = [max(drawn) for drawn in combinations(values, budget.trials)]
        assert budget.expected == pytest.approx(sum(best) / len(best))
        assert budget.seconds == pytest.approx(20.0 * budget.trials)
    assert found[-1].expected == pytest.approx(0.9)


@pytest.mark.parametrize(("values", "seconds"), [([], []), ([0.5], [1.0, 2.0])])
def test_a_budget_of_nothing_is_refused(values: list[float], seconds: list[float]) -> None:
    with pytest.raises(ValueError, match="a figure and a time for each trial"):
        expected_best(values, seconds)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_model_that_is_as_right_as_it_says_is_calibrated_and_a_bold_one_is_not(columns: int) -> None:
    generator = np.random.default_rng(0)
    share = generator.uniform(size=60_000)
    truth = generator.random(60_000) < share
    bold = np.clip((share - 0.5) * 3 + 0.5, 0.001, 0.999)
    errors = []
    for said in (share, bold):
        probabilities = said[:, None] if columns == 1 else np.stack([1 - said, said], axis=1)
        errors.append(expected_calibration_error(reliability(probabilities, (said > 0.5) == truth)))
    assert errors[0] < 0.01
    assert errors[1] > 0.1


def test_every_answer_is_in_one_bin() -> None:
    bins = reliability(np.linspace(0, 1, 101)[:, None], np.ones(101, bool))
    assert sum(each.answers for each in bins) == 101
    assert [each.confidence for each in bins] == sorted(each.confidence for each in bins)


def test_of_thousands_of_trials_the_expected_best_is_exact() -> None:
    values = [float(value) for value in range(2_000)]
    found = expected_best(values, [1.0] * 2_000)
    for each in (found[0], found[9], found[999], found[1_999]):
        # Of n of 0 … N - 1 the largest is (N + 1) n / (n + 1) - 1 in the mean.
        assert each.expected == pytest.approx(2_001 * each.trials / (each.trials + 1) - 1, rel=1e-9)
