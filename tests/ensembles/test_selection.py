"""Greedy selection, beside the same thing done slowly."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitjaru.ensembles.front import front
from bitjaru.ensembles.selection import Costs, Ensemble, Library, best, grow, judge


def library(models: int, rows: int, seed: int, outputs: int = 1) -> Library:
    random = np.random.default_rng(seed)
    targets = random.integers(0, max(2, outputs), rows).astype(np.int32)
    if outputs == 1:
        probabilities = np.clip(targets[None, :, None] * 0.3 + random.random((models, rows, 1)) * 0.7, 0, 1)
    else:
        raw = random.random((models, rows, outputs)) + 0.4 * np.eye(outputs)[targets]
        probabilities = raw / raw.sum(axis=2, keepdims=True)
    costs = Costs(random.random(models), [("ab"[each % 2],) for each in range(models)], {"a": 1.0, "b": 3.0})
    return Library.split(probabilities, targets, costs, seed=seed)


def slowly(library: Library, members: int, milliseconds: float | None) -> list[dict[int, int]]:
    """The same rule, model by model and review by review."""
    taken: list[int] = []
    path = []
    rows = np.flatnonzero(library.chosen_by)
    for _ in range(25):
        tried = []
        for each in range(len(library.probabilities)):
            together = {*taken, each}
            if len(together) > members or (milliseconds is not None and library.costs.of(together) > milliseconds):
                continue
            score = 0.0
            for row in rows:
                mean = sum(library.probabilities[one, row] for one in [*taken, each]) / (len(taken) + 1)
                target = library.targets[row]
                if len(mean) == 1:
                    score += (mean[0] - target) ** 2
                else:
                    score += sum((share - (place == target)) ** 2 for place, share in enumerate(mean))
            tried.append((round(score / len(rows), 9), library.costs.of(together), each))
        if not tried:
            break
        taken.append(min(tried)[-1])
        path.append({each: taken.count(each) for each in taken})
    return path


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(4, 12),
    st.integers(0, 50),
    st.sampled_from([None, 2.5, 4.5]),
    st.sampled_from([1, 3]),
)
def test_each_step_takes_the_model_that_helps_most(
    models: int, rows: int, seed: int, milliseconds: float | None, outputs: int
) -> None:
    made = library(models, rows, seed, outputs)
    path = grow(made, members=2, milliseconds=milliseconds)
    assert [dict(ensemble.counts) for ensemble in path] == slowly(made, 2, milliseconds)


def test_the_kept_step_is_the_one_that_the_other_half_confirms() -> None:
    made = library(30, 400, 3)
    path = grow(made, members=5, milliseconds=None)
    kept = best(path)
    assert kept.brier == min(ensemble.brier for ensemble in path)
    assert len(kept.counts) <= 5
    assert sum(kept.shares.values()) == pytest.approx(1)
    single = judge(made, {next(iter(path[0].counts)): 1})
    assert kept.brier < single.brier
    assert kept.confirmed > single.confirmed


def test_equally_good_steps_are_decided_by_their_price() -> None:
    assert best([Ensemble({0: 1}, 0.9, 0.9, 0.2, 5.0), Ensemble({1: 1}, 0.7, 0.8, 0.2, 4.0)]).counts == {1: 1}


def test_a_tokenizer_is_paid_for_once() -> None:
    costs = Costs(np.array([1.0, 2.0, 4.0]), [("a",), ("a", "b"), ()], {"a": 10.0, "b": 100.0})
    assert costs.of([0]) == 11
    assert costs.of([0, 1]) == 113
    assert costs.of([0, 1, 2]) == 117


def test_a_budget_that_nothing_meets_leaves_nothing() -> None:
    assert grow(library(4, 30, 0), members=5, milliseconds=0.5) == []


def test_on_the_front_more_milliseconds_always_buy_accuracy() -> None:
    made = library(12, 300, 1)
    shown = front(made, members=4)
    assert len(shown) > 2
    for cheaper, dearer in pairwise(shown):
        assert cheaper.milliseconds < dearer.milliseconds
        assert cheaper.confirmed < dearer.confirmed
    singles = [judge(made, {each: 1}) for each in range(12)]
    assert min(single.milliseconds for single in singles) == shown[0].milliseconds
    assert not any(
        single.milliseconds <= ensemble.milliseconds and single.confirmed > ensemble.confirmed
        for single in singles
        for ensemble in shown
    )
