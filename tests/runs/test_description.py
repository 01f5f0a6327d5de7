"""What stands first on a page of MLflow's."""

from reporting.runs import TASKS, grid, run

from bitjaru.reporting.comparison import compare
from bitjaru.runs.description import LONGEST, best_figures, of_group, of_run, of_unfinished


def test_a_grid_names_the_best_what_ties_and_its_command() -> None:
    said = of_group(compare(grid(), TASKS), ["-m", "architecture=lstm,gru", "optimizer=adam"])
    assert said.startswith("**Best in validation on nsmc: lstm (#0)**, accuracy 0.8542 [0.8498, 0.8584].")
    assert "1 of 3 tie with it (gru)" in said
    assert "| 2 tie |" in said
    assert said.endswith("\n\n`python train.py -m architecture=lstm,gru optimizer=adam`")


def test_a_grid_tells_its_best_validation_figure_and_nothing_of_the_test_part() -> None:
    assert best_figures(compare(grid(), TASKS)) == {"best_valid_accuracy": 0.8542}
    assert best_figures(compare([*grid(), run(dataset="imdb")], TASKS)) == {}  # of several data sets there is no best
    assert best_figures(compare([run(objective=None)], TASKS)) == {}


def test_nothing_in_a_description_is_wider_than_a_page() -> None:
    said = of_group(
        compare(grid(), TASKS), ["-m", "architecture=lstm,gru", *(f"optimizer.knob{n}=1" for n in range(50))]
    )
    assert not [line for line in said.splitlines() if line.startswith("    ")]  # code that cannot be broken
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert max(map(len, rows)) < 120
    assert "changed" not in rows[0]
    assert "What each changed:\n\n- #" in said


def test_a_run_of_a_ready_made_search_is_one_run() -> None:
    said = of_run(["sweeps=architectures", "dataset=nsmc"], "# Lstm on nsmc\n")
    assert said == "`python train.py sweeps=architectures dataset=nsmc hydra.mode=RUN`\n\n# Lstm on nsmc\n"


def test_a_run_that_did_not_finish_says_why() -> None:
    failed = next(outcome for outcome in grid() if outcome.status == "FAILED")
    assert of_unfinished(failed).startswith(f"**FAILED**: {failed.reason}")


def test_what_is_longer_than_a_tag_ends_with_a_whole_line() -> None:
    said = of_run([], "- one line of a card\n" * 1_000)
    assert len(said) <= LONGEST + 3
    assert said.splitlines()[-3:] == ["- one line of a card", "", "…"]
