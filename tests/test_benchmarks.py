"""The tables of goals, which `make bench` collects from what each benchmark printed."""

from collections.abc import Sequence
from pathlib import Path

import optuna
import pytest
from goals import HEADING, at_least, at_most, print_goals, rows_of
from optuna.trial import FrozenTrial, TrialState
from page import BENCHMARKS
from pruning import best, epochs_until

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


def trial(values: Sequence[float], state: TrialState) -> FrozenTrial:
    return optuna.trial.create_trial(state=state, value=None, intermediate_values=dict(enumerate(values, start=1)))


def test_a_goal_is_met_at_its_bound_and_unknown_without_a_figure() -> None:
    assert [at_least("a", "b", 2, figure).met for figure in (2.0, 1.9, None)] == [True, False, None]
    assert [at_most("a", "b", 2, figure).met for figure in (2.0, 2.1, None)] == [True, False, None]


def test_goals_are_found_again_in_what_was_printed(capsys: pytest.CaptureFixture[str]) -> None:
    goals = [at_least("an epoch", "plain Keras", 2.5, 6.3), at_most("memory", "", 1000, None, "MB")]
    print_goals(goals)
    printed = f"| another | table |\n|---|---|\n| 1 | 2 |\n{capsys.readouterr().out}\nafter it"
    assert rows_of(printed) == [
        "| an epoch | plain Keras | ≥ 2.5 times | 6.30 times | yes |",
        "| memory |  | ≤ 1,000 MB | – | – |",
    ]
    assert rows_of(f"nothing\n{HEADING} not it") == []


def test_every_benchmark_of_the_page_is_a_script_that_says_what_it_measures() -> None:
    for benchmark in BENCHMARKS.values():
        script = FOLDER / benchmark.arguments[0]
        assert script.read_text(encoding="utf-8").startswith('"""'), script
        assert f"python benchmarks/{script.name}" in script.read_text(encoding="utf-8"), script


def test_epochs_of_every_trial_count_until_the_target_is_reached_pruned_and_failed_ones_too() -> None:
    trials = [
        trial([0.6, 0.7], TrialState.PRUNED),
        trial([0.5], TrialState.FAIL),
        trial([], TrialState.FAIL),
        trial([0.6, 0.8, 0.7], TrialState.PRUNED),
        trial([0.9], TrialState.PRUNED),
    ]
    assert epochs_until(0.7, trials) == 2
    assert epochs_until(0.8, trials) == 2 + 1 + 3
    assert epochs_until(0.91, trials) is None


def test_the_best_of_a_trial_is_that_of_its_best_epoch() -> None:
    assert best(trial([0.6, 0.8, 0.7], TrialState.PRUNED)) == 0.8
    assert best(trial([], TrialState.FAIL)) == float("-inf")


def test_a_benchmark_is_not_run_without_the_corpora_that_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BITJARU_DATA", raising=False)
    for name, benchmark in BENCHMARKS.items():
        reads = "BITJARU_DATA=" in (FOLDER / benchmark.arguments[0]).read_text(encoding="utf-8")
        assert (benchmark.missing() is not None) == reads, name
