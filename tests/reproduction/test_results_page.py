"""docs/results.md: what stands on the page, and what may not stand together."""

from dataclasses import replace
from pathlib import Path

import pytest
from reporting.runs import run

from bitjaru.errors import DataError
from bitjaru.outcome import Outcome
from bitjaru.reporting.statistics import between_seeds
from bitjaru.reproduction.contest import Competitor, Contest
from bitjaru.reproduction.finals_pages import said
from bitjaru.reproduction.results_page import Of, Recipe, figure, page

HISTORY = {"train_loss": [0.5, 0.4, 0.3], "valid_accuracy": [0.80, 0.88, 0.84]}


def seeded(seed: int, test: float, **changes: object) -> Outcome:
    finished = run(history=HISTORY, metrics={"valid_accuracy": 0.88, "test_accuracy": test})
    return replace(finished, seed=seed, run_id=f"run{seed}", **changes)  # type: ignore[arg-type]


def recipe(*runs: Outcome, of: Of = "best", metric: str = "valid_accuracy", printed: float | None = 0.87) -> Recipe:
    return Recipe(
        name="nsmc_lstm",
        metric=metric,
        of=of,
        printed=printed,
        printed_seconds=429,
        remarks="Printed: much. Differs: a little.",
        cause="fewer rows" if runs else None,
        command="python train.py experiment=nsmc_lstm seed=1",
        runs=runs,
        picture="results/nsmc_lstm.png" if runs else None,
    )


def contest(*competitors: Competitor) -> Contest:
    return Contest(competitors=competitors, picture="results/nsmc_against_seconds.png")


@pytest.mark.parametrize(("of", "expected"), [("best", 0.88), ("last", 0.84), ("final", 0.86)])
def test_the_compared_figure_is_of_the_epoch_that_the_plan_names(of: Of, expected: float) -> None:
    outcome = seeded(1, 0.8)
    outcome = replace(outcome, metrics={"valid_accuracy": 0.86})
    assert figure(recipe(outcome, of=of), outcome) == expected


def test_a_figure_without_a_curve_is_the_final_one() -> None:
    assert figure(recipe(metric="test_accuracy", of="best"), seeded(1, 0.83)) == 0.83


def test_one_run_stands_without_an_interval_and_several_with_one() -> None:
    one = page([recipe(seeded(1, 0.85), metric="test_accuracy", of="final")], {}, {})
    assert "| 0.8700 | 0.8500 | -0.0200 | 3 | 7.2 s | 7 min 09 s | 4,611,713 | 1 |" in one
    runs = [seeded(seed, test) for seed, test in ((1, 0.84), (2, 0.85), (3, 0.86))]
    several = page([recipe(*runs, metric="test_accuracy", of="final")], {}, {})
    assert "0.8500 [0.8252, 0.8748]" in several


def test_a_recipe_shows_its_command_its_runs_its_data_and_its_curves() -> None:
    text = page([recipe(seeded(7, 0.85))], {}, {})
    for words in (
        "    python train.py experiment=nsmc_lstm seed=1",
        "`run7`",
        "sha256 abababababab…",
        '<img src="results/nsmc_lstm.png"',
        "valid_accuracy by epoch, seed 7: 0.8000 0.8800 0.8400",
        "Differs: a little.",
        "Why less than printed: fewer rows",
    ):
        assert words in text


def test_a_recipe_that_was_not_run_says_so() -> None:
    text = page([recipe()], {"nsmc": contest()}, {})
    assert "| 0.8700 | not run | – |" in text
    assert text.count("Not run yet.") == 2


def test_a_document_without_a_figure_leaves_no_difference() -> None:
    assert "| – | 0.8800 | – | 3 |" in page([recipe(seeded(1, 0.8), printed=None)], {}, {})


def test_runs_of_different_data_are_not_mixed_in_a_recipe_or_in_the_question() -> None:
    other = seeded(2, 0.9, data_sha256="cd" * 32)
    with pytest.raises(DataError, match=r"same data\. Received: nsmc with the sha256 abababababab… and cdcd"):
        page([recipe(seeded(1, 0.8), other)], {}, {})
    competitors = [
        Competitor(name=name, chosen="", runs=[each]) for name, each in (("a", seeded(1, 0.8)), ("b", other))
    ]
    with pytest.raises(DataError, match="nsmc"):
        page([], {"nsmc": contest(*competitors)}, {})


def competitor(name: str, *tests: float) -> Competitor:
    runs = [seeded(seed, test) for seed, test in enumerate(tests)]
    return Competitor(name=name, chosen="learning_rate=0.001", runs=runs)


def test_competitors_are_ranked_and_a_gap_within_the_noise_of_seeds_is_told_as_such() -> None:
    linear = replace(seeded(0, 0.875), history={})
    text = page(
        [],
        {
            "nsmc": contest(
                competitor("SimpleRNN", 0.80, 0.801, 0.799),
                competitor("GRU", 0.855, 0.845, 0.852),
                competitor("LSTM", 0.85, 0.86, 0.855),
                Competitor(name="linear", chosen="", runs=[linear]),
            )
        },
        {},
    )
    assert '<img src="results/nsmc_against_seconds.png"' in text
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and "test accuracy" not in line]
    names = [row[0].removeprefix("| ") for row in rows if not row[0].startswith("| ---")][-4:]
    assert names == ["linear", "**LSTM**", "GRU", "SimpleRNN"]
    verdicts = {row[0].removeprefix("| "): row[4] for row in rows[-4:]}
    assert verdicts == {"linear": "–", "**LSTM**": "–", "GRU": "no", "SimpleRNN": "yes"}


def test_models_that_were_tested_on_other_rows_are_not_set_against_each_other() -> None:
    pieces = competitor("pieces", 0.90, 0.91, 0.89)
    pieces = replace(pieces, runs=[replace(run, rows={**run.rows, "test": 7}) for run in pieces.runs])
    networks = [competitor("LSTM", 0.85, 0.86, 0.855), competitor("GRU", 0.80, 0.801, 0.799)]
    text = page([], {"nsmc": contest(pieces, *networks)}, {})
    assert "tested on the same rows" in text
    assert "| **LSTM** |" in text
    row = next(line for line in text.splitlines() if line.startswith("| pieces |")).split(" | ")
    assert row[3:5] == ["–", "–"]
    assert "tested on the same rows" not in page([], {"nsmc": contest(*networks)}, {})


def test_the_gap_between_seeds_is_welchs() -> None:
    # scipy.stats.ttest_ind([.85, .86, .855], [.80, .82, .81], equal_var=False).confidence_interval() says the same.
    gap = between_seeds([0.85, 0.86, 0.855], [0.80, 0.82, 0.81])
    assert gap.value == pytest.approx(0.045)
    assert (gap.low, gap.high) == pytest.approx((0.024223, 0.065777), abs=1e-6)


def test_single_seeds_say_nothing_of_their_noise() -> None:
    assert 1.0 in between_seeds([0.9], [0.8])


def test_the_page_is_led_by_the_finals_beside_it(tmp_path: Path) -> None:
    (tmp_path / "finals").mkdir()
    (tmp_path / "finals" / "nsmc.md").write_text("# Finals on nsmc\n\nngrams is ahead\nof gru.\n\n| table |\n")
    text = page([recipe()], {}, said(tmp_path / "results.md"))
    assert "**nsmc**: ngrams is ahead of gru. ([tables and commands](finals/nsmc.md))" in text
    assert text.index("the finals") < text.index("| recipe |")
    assert said(tmp_path / "elsewhere" / "results.md") == {}
