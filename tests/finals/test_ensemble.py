"""The ensemble as a finalist: validation chooses, and the test part has no say."""

from dataclasses import replace

import numpy as np
import pytest
from reporting.runs import run

from bitjaru.finals import ensemble
from bitjaru.models.answers import Answers, accuracy, keys_of
from bitjaru.outcome import Outcome

RUNS = {
    name: replace(run(name), metrics={"milliseconds_per_review": cost}, seconds=10.0, weights=weights)
    for name, cost, weights in (("gru", 0.2, 100), ("linear", 0.1, 50), ("bad", 9.0, 7))
}


def answers(seed: int, noise: float, rows: int = 400, part: str = "valid") -> Answers:
    """The models err independently: the mean of two is better than either."""
    targets = np.random.default_rng(0).integers(0, 2, rows).astype(np.int32)
    random = np.random.default_rng(seed)
    shares = np.clip(0.5 + (targets - 0.5) * 0.5 + noise * random.normal(size=rows), 0, 1)[:, None]
    order = random.permutation(rows)
    return Answers(keys_of([f"{part} {row}" for row in range(rows)]), targets, shares).take(order)


def chosen(valid: list[Answers], test: list[Answers]) -> ensemble.Final:
    return ensemble.choose(RUNS, valid, test, seed=1)


def test_members_that_err_differently_are_better_together() -> None:
    valid = [answers(1, 0.3), answers(2, 0.3), answers(3, 3.0)]
    test = [answers(4, 0.3, part="test"), answers(5, 0.3, part="test"), answers(6, 3.0, part="test")]
    final = chosen(valid, test)
    assert {"gru", "linear"} <= set(final.shares)
    assert sum(final.shares.values()) == pytest.approx(1)
    assert accuracy(final.test) > max(map(accuracy, test))
    assert final.outcome.metrics["test_accuracy"] == accuracy(final.test)


def test_it_costs_what_its_members_take_and_the_training_of_all() -> None:
    valid = [answers(1, 0.3), answers(2, 0.3), answers(3, 3.0)]
    final = chosen(valid, valid)
    outcome: Outcome = final.outcome
    members = [RUNS[name] for name in final.shares]
    assert outcome.metrics["milliseconds_per_review"] == pytest.approx(
        sum(each.metrics["milliseconds_per_review"] for each in members)
    )
    assert outcome.seconds == 30.0
    assert outcome.weights == sum(each.weights or 0 for each in members)


def test_the_test_part_chooses_nothing() -> None:
    valid = [answers(1, 0.3), answers(2, 0.3), answers(3, 3.0)]
    good = [answers(4, 0.3, part="test"), answers(5, 0.3, part="test"), answers(6, 3.0, part="test")]
    turned = [replace(each, targets=1 - each.targets) for each in good]
    assert chosen(valid, good).shares == chosen(valid, turned).shares
