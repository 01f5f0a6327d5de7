"""Verdicts: wrong as seldom as they say, right as often as they can."""

from collections import Counter
from math import inf

import numpy as np
import pytest
from scipy import stats

from bitjaru.finals.analysis.sign_test import fewest_seeds, holm, sign_test
from bitjaru.finals.analysis.two_level import TwoLevel
from bitjaru.finals.analysis.verdicts import Verdict, verdicts, worth_telling

ROWS = 2_000


def judged(generator: np.random.Generator, gaps: list[float], *, seeds: int = 8, margin: float = 0.003) -> list[str]:
    hard = generator.normal(0, 0.3, size=ROWS)
    of_seed = generator.normal(0, 0.004, size=(len(gaps), seeds))
    share = np.clip(0.8 + np.array(gaps)[:, None, None] + of_seed[:, :, None] + hard, 0, 1)
    right = generator.random((len(gaps), seeds, ROWS)) < share
    resampled = TwoLevel.draw(right, seed=0, resamples=200)
    return [each.word for each in verdicts(right.mean(axis=2), resampled, margin=margin)]


def test_equal_models_are_called_different_in_less_than_a_twentieth_of_the_finals() -> None:
    generator = np.random.default_rng(5)
    wrong = sum(bool({"better", "worse"} & set(judged(generator, [0, 0, 0, 0]))) for _ in range(150))
    assert wrong / 150 < 0.05


def test_a_model_that_is_far_ahead_is_called_better_nearly_always() -> None:
    generator = np.random.default_rng(6)
    words = Counter(judged(generator, [0.06, 0.0])[0] for _ in range(60))
    assert words["better"] / 60 > 0.9
    assert words["worse"] == 0


def test_different_models_are_seldom_called_equivalent_and_equal_ones_can_be() -> None:
    generator = np.random.default_rng(7)
    at_the_margin = Counter(judged(generator, [0.04, 0.0], margin=0.03)[0] for _ in range(100))
    equal = Counter(judged(generator, [0.0, 0.0], margin=0.03)[0] for _ in range(60))
    assert at_the_margin["equivalent"] / 100 < 0.05
    assert equal["equivalent"] / 60 > 0.9


def test_what_is_undecided_tells_how_many_seeds_would_decide() -> None:
    generator = np.random.default_rng(8)
    right = generator.random((2, 4, ROWS)) < np.array([0.86, 0.8])[:, None, None]
    (few,) = verdicts(right.mean(axis=2), TwoLevel.draw(right, seed=0), margin=0.003)
    assert (few.word, few.seeds_needed) == ("undecided", 6)
    same = np.repeat(generator.random((1, 1, 50)) < 0.5, 8, axis=1)
    other = np.repeat(generator.random((1, 1, 50)) < 0.5, 8, axis=1)
    (none,) = verdicts(
        np.concatenate([same, other]).mean(axis=2), TwoLevel.draw(np.concatenate([same, other]), seed=0), margin=0.003
    )
    assert none.seeds_needed == inf


@pytest.mark.parametrize(("gaps", "first"), [((0.012, 0.0), 6), ((0.012, *[0.0] * 5), 11)])
def test_as_many_seeds_as_are_told_decide_about_as_often_as_not(gaps: tuple[float, ...], first: int) -> None:
    generator = np.random.default_rng(10)

    def held(seeds: int) -> Verdict:
        hard, of_seed = generator.normal(0, 0.3, size=4_000), generator.normal(0, 0.01, size=(len(gaps), seeds))
        share = np.clip(0.78 + np.array(gaps)[:, None, None] + of_seed[:, :, None] + hard, 0, 1)
        right = generator.random((len(gaps), seeds, 4_000)) < share
        return verdicts(right.mean(axis=2), TwoLevel.draw(right, seed=0, resamples=100), margin=0.003)[0]

    told = [each for each in (held(first).seeds_needed for _ in range(60)) if each is not None and each < inf]
    decided = [held(int(seeds)).word != "undecided" for seeds in told]
    assert len(told) > 20
    assert 0.3 < np.mean(decided) < 0.8


@pytest.mark.parametrize(("wins", "losses", "ties"), [(8, 0, 0), (7, 1, 0), (5, 2, 1), (0, 6, 2), (3, 3, 0)])
def test_the_sign_test_is_the_binomial_one_without_ties(wins: int, losses: int, ties: int) -> None:
    signs = np.array([1.0] * wins + [-1.0] * losses + [0.0] * ties)
    expected = min(1, 2 * stats.binom.cdf(min(wins, losses), wins + losses, 0.5))
    assert sign_test(signs, np.zeros(len(signs))) == pytest.approx(expected)


def test_seeds_that_all_tie_are_no_evidence() -> None:
    assert sign_test(np.ones(8), np.ones(8)) == 1.0


def test_holm_is_what_its_paper_says() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_eight_seeds_are_enough_for_four_and_seven_are_not() -> None:
    assert [fewest_seeds(finalists) for finalists in (2, 3, 4, 9)] == [6, 7, 8, 11]
    assert 6 * 2 / 2**8 < 0.05 < 6 * 2 / 2**7


def test_a_verdict_seen_from_the_other_side() -> None:
    right = np.random.default_rng(9).random((2, 8, ROWS)) < np.array([0.9, 0.8])[:, None, None]
    (verdict,) = verdicts(right.mean(axis=2), TwoLevel.draw(right, seed=0), margin=0.003)
    back = verdict.seen_from(1)
    assert (verdict.word, back.word) == ("better", "worse")
    assert (back.difference.value, back.wins) == (-verdict.difference.value, 0.0)
    assert back.difference.low == -verdict.difference.high


def test_told_is_each_beside_the_next_and_the_nearest_that_it_is_ahead_of() -> None:
    better = {("linear", "simplernn"), ("linear", "average"), ("gru", "average")}
    told = worth_telling(
        ["linear", "gru", "simplernn", "average"], lambda *pair: "better" if pair in better else "undecided"
    )
    assert told == [
        ("linear", "gru"),
        ("linear", "simplernn"),
        ("gru", "simplernn"),
        ("gru", "average"),
        ("simplernn", "average"),
    ]
    assert worth_telling(["gru", "linear"], lambda *_: "better") == [("gru", "linear")]
