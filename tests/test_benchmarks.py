"""The tables of goals, which `make bench` collects from what each benchmark printed."""

from pathlib import Path

import pytest
from goals import HEADING, at_least, at_most, print_goals, rows_of
from page import BENCHMARKS

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"


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
