from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting.runs import TASKS, failed, grid, killed, run

from bitjaru.reporting.comparison import compare
from bitjaru.reporting.statistics import wilson


def test_runs_are_ranked_by_validation_and_never_by_test() -> None:
    worse = run("gru", number=0, objective=0.80, metrics={"test_accuracy": 0.99})
    better = run("lstm", number=1, objective=0.85, metrics={"test_accuracy": 0.50})
    (group,) = compare([worse, better], TASKS)
    assert [row.architecture for row in group.rows] == ["lstm", "gru"]
    assert [row.rank for row in group.rows] == [1, 2]


def test_a_loss_is_ranked_from_low_to_high() -> None:
    runs = [run("gru", objective=0.9, task="next_word"), run("lstm", objective=0.1, task="next_word")]
    (group,) = compare(runs, TASKS)
    assert [row.architecture for row in group.rows] == ["lstm", "gru"]


def test_unfinished_runs_come_last_without_a_rank() -> None:
    (group,) = compare(grid(), TASKS)
    assert [row.outcome.number for row in group.rows] == [0, 1, 2, 4, 3]
    assert [row.rank for row in group.rows] == [1, 2, 3, None, None]


def test_a_killed_run_is_not_the_best_even_with_the_highest_figure() -> None:
    (group,) = compare([replace(killed(0, "gru"), objective=0.99), run("lstm", number=1)], TASKS)
    assert [row.standing for row in group.rows] == ["best", None]
    assert group.rows[0].architecture == "lstm"


def test_a_difference_within_chance_is_a_tie_and_one_beyond_is_not() -> None:
    (group,) = compare(grid(), TASKS)
    assert [row.standing for row in group.rows] == ["best", "tie", "behind", None, None]
    lead = group.rows[2].lead
    assert lead is not None
    # 0.8542 - 0.8211 = 0.0331, each with a standard error of about 0.0023.
    assert (lead.value, lead.low, lead.high) == pytest.approx((0.0331, 0.0268, 0.0394), abs=1e-4)


def test_the_same_difference_is_a_tie_on_few_rows() -> None:
    few = {"train": 100, "valid": 100, "test": 100}
    runs = [replace(run(number=number, objective=value), rows=few) for number, value in enumerate((0.85, 0.82))]
    (group,) = compare(runs, TASKS)
    assert [row.standing for row in group.rows] == ["best", "tie"]


def test_losses_are_never_called_tied() -> None:
    runs = [run(number=number, objective=0.1, task="next_word") for number in (0, 1)]
    (group,) = compare(runs, TASKS)
    assert [row.standing for row in group.rows] == ["best", None]


def test_without_a_validation_part_nobody_is_ranked() -> None:
    runs = [run(number=number, objective=None) for number in (1, 0)]
    (group,) = compare(runs, TASKS)
    assert [row.outcome.number for row in group.rows] == [0, 1]
    assert {row.rank for row in group.rows} == {None}


def test_an_objective_that_is_no_number_is_not_ranked() -> None:
    (group,) = compare([run(number=0, objective=float("nan")), run(number=1, objective=0.5)], TASKS)
    assert [(row.outcome.number, row.rank) for row in group.rows] == [(1, 1), (0, None)]


def test_runs_on_other_data_or_of_another_task_are_not_ranked_together() -> None:
    runs = [
        run(),
        run(dataset="imdb"),
        run(task="next_word", dataset="proverbs", objective=0.1),
        replace(run(), data_sha256="cd" * 32),
    ]
    groups = compare(runs, TASKS)
    assert [(group.task, group.dataset, group.data_sha256[:2]) for group in groups] == [
        ("sentiment", "nsmc", "ab"),
        ("sentiment", "imdb", "ab"),
        ("next_word", "proverbs", "ab"),
        ("sentiment", "nsmc", "cd"),
    ]


def test_a_run_that_failed_before_its_data_was_read_stands_with_its_kind() -> None:
    early = replace(failed(2), choices={"task": "sentiment", "dataset": "imdb"})
    groups = compare([run(), run(dataset="imdb", number=1), early], TASKS)
    assert [len(group.rows) for group in groups] == [1, 2]


def test_a_run_that_failed_before_it_had_a_task_stands_with_the_first() -> None:
    groups = compare([failed(0, "architecture=gru"), run(number=1), run(number=2, dataset="imdb")], TASKS)
    assert [len(group.rows) for group in groups] == [2, 1]
    assert groups[0].rows[1].architecture == "gru"


def test_runs_that_all_failed_early_are_still_a_comparison() -> None:
    (group,) = compare([failed(1), failed(0)], TASKS)
    assert [row.outcome.number for row in group.rows] == [0, 1]


def test_nothing_compares_to_nothing() -> None:
    assert compare([], TASKS) == []


def test_a_task_that_is_not_given_is_refused() -> None:
    with pytest.raises(ValueError, match="'next_word'"):
        compare([run(task="next_word")], {"sentiment": TASKS["sentiment"]})
    with pytest.raises(ValueError, match="none"):
        compare([run()], {})


def test_a_figure_has_an_interval_for_accuracies_alone() -> None:
    (group,) = compare([run()], TASKS)
    row = group.rows[0]
    assert row.figure("test", "accuracy", "accuracy") == wilson(0.8511, 43_146)
    assert str(row.figure("test", "loss", "accuracy")) == "0.3500"
    assert row.figure("valid", "perplexity", "accuracy") is None


def test_the_validation_figure_is_that_of_the_epoch_that_was_kept() -> None:
    (group,) = compare([run(objective=0.85, metrics={"valid_accuracy": 0.80})], TASKS)
    figure = group.rows[0].figure("valid", "accuracy", "accuracy")
    assert figure is not None
    assert figure.value == 0.85


objectives = st.lists(st.none() | st.floats(0, 1, allow_nan=False), min_size=1, max_size=20)


@given(objectives)
def test_every_run_appears_once_and_ranks_follow_objectives(values: list[float | None]) -> None:
    runs = [run(number=number, objective=value) for number, value in enumerate(values)]
    (group,) = compare(runs, TASKS)
    assert sorted(row.outcome.number or 0 for row in group.rows) == list(range(len(values)))
    ranked = [row.outcome.objective for row in group.rows if row.rank]
    assert ranked == sorted((value for value in values if value is not None), reverse=True)
    assert [row.rank for row in group.rows if row.rank] == list(range(1, len(ranked) + 1))
