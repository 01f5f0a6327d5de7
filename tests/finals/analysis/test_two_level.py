"""Intervals over seeds and reviews hold what they promise, where the truth is known."""

import numpy as np
import pytest

from bitjaru.finals.analysis.two_level import TwoLevel

TRUTH = 0.8
SEEDS, ROWS = 8, 300


def drawn(generator: np.random.Generator, finalists: int, *, gap: float = 0.0, spread: float = 0.02) -> np.ndarray:
    """Answers (F, S, N) of models whose seeds and whose reviews differ; the first is `gap` better than the others."""
    hard = generator.normal(0, 0.25, size=ROWS)
    of_seed = generator.normal(0, spread, size=(finalists, SEEDS))
    level = TRUTH + gap * (np.arange(finalists) == 0)
    share = np.clip(level[:, None, None] + of_seed[:, :, None] + hard, 0, 1)
    return np.asarray(generator.random((finalists, SEEDS, ROWS)) < share)


def test_the_interval_of_a_mean_and_of_a_difference_holds_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    hard = generator.normal(0, 0.25, size=2_000_000)
    truth = np.clip(TRUTH + generator.normal(0, 0.02, size=2_000_000) + hard, 0, 1).mean()
    means, gaps = 0, 0
    repeats = 300
    for _ in range(repeats):
        resampled = TwoLevel.draw(drawn(generator, 2), seed=0, resamples=400)
        means += truth in resampled.mean(0)
        gaps += 0.0 in resampled.difference(0, 1)
    assert 0.92 <= means / repeats <= 0.995
    assert 0.92 <= gaps / repeats <= 0.995


def test_reviews_that_all_find_hard_do_not_widen_a_difference() -> None:
    generator = np.random.default_rng(2)
    same = generator.random((1, 1, 4_000)) < TRUTH
    resampled = TwoLevel.draw(np.repeat(np.repeat(same, 2, 0), SEEDS, 1), seed=0, resamples=200)
    gap, mean = resampled.difference(0, 1), resampled.mean(0)
    assert (gap.value, gap.low, gap.high) == (0, 0, 0)
    assert mean.high - mean.low == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 4_000), rel=0.2)


def test_a_single_seed_says_nothing_of_seeds() -> None:
    resampled = TwoLevel.draw(drawn(np.random.default_rng(3), 2)[:, :1], seed=0, resamples=200)
    assert not resampled.by_seeds.any()
    assert resampled.parts(0, 1)[0] == np.inf


def test_more_seeds_make_the_part_of_seeds_smaller() -> None:
    generator = np.random.default_rng(4)
    answers = np.concatenate([drawn(generator, 2, spread=0.1) for _ in range(1)], axis=1)
    few = TwoLevel.draw(answers[:, :4], seed=0).parts(0, 1)[0]
    many = TwoLevel.draw(np.tile(answers[:, :4], (1, 8, 1)), seed=0).parts(0, 1)[0]
    assert many < few / 2
