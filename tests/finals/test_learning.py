"""Accuracy by how much was learned from, out of finals that have finished."""

from dataclasses import replace
from pathlib import Path

import pytest
from reporting.runs import run

from bitjaru.finals.execution import FinalsError
from bitjaru.finals.finalists import Finalist
from bitjaru.finals.learning import learning_curves, table
from bitjaru.finals.plan import CURVE_SEEDS, Plan

FINALISTS = tuple(Finalist(name, (f"architecture={name}",), 0.8, "r", 1, 1.0) for name in ("gru", "linear"))
PLAN = Plan(("g",), "search s", "nsmc", FINALISTS, (1, 2, 3, 4), 0.003, (0.1, 0.3), False, "abc")


def finish(folder: Path) -> None:
    for final in (*PLAN.finals(), *PLAN.learning()):
        rows = {"train": round(1_000 * final.fraction), "test": 100}
        accuracy = 0.6 + 0.2 * final.fraction + 0.01 * final.seed
        own = folder / final.folder
        own.mkdir(parents=True)
        replace(run("gru"), rows=rows, metrics={"test_accuracy_all": accuracy, "test_accuracy": 0.0}).save(own)


def test_each_share_has_the_first_seeds_and_the_whole_is_the_finals_own(tmp_path: Path) -> None:
    finish(tmp_path)
    curves = learning_curves(PLAN, tmp_path)
    assert [(point.fraction, point.rows) for point in curves["linear"]] == [(0.1, 100), (0.3, 300), (1.0, 1000)]
    assert [len(point.accuracies) for point in curves["gru"]] == [CURVE_SEEDS] * 3
    assert list(curves["gru"][0].accuracies) == pytest.approx([0.63, 0.64, 0.65])
    assert table(curves).rows[0] == ["gru", "0.6400", "0.6800", "0.8200"]


def test_the_runs_on_shares_say_so_in_their_overrides() -> None:
    found = list(PLAN.learning())
    assert len(found) == CURVE_SEEDS * 2 * 2
    assert found[0].overrides == ("architecture=gru", "seed=1", "dataset.validation.seed=1", "train_fraction=0.1")
    assert len({final.folder for final in (*PLAN.finals(), *found)}) == len(found) + 8


def test_a_share_that_has_not_finished_is_named(tmp_path: Path) -> None:
    with pytest.raises(FinalsError, match=r"1-of-0\.1"):
        learning_curves(PLAN, tmp_path)
