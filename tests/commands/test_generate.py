"""`bitjaru generate`: a trained model writes on from a text."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bitjaru.commands.model.generate import generate
from bitjaru.configuration import compose_config
from bitjaru.errors import ConfigError
from bitjaru.runs import single_run
from bitjaru.runs.record import Request

LINES = ["가는 말이 고와야 오는 말이 곱다", "발 없는 말이 천 리 간다", "그림의 떡"]


def program() -> typer.Typer:
    app = typer.Typer()
    app.command()(generate)
    return app


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "lines.txt").write_text("\n".join(LINES), encoding="utf-8")
    overrides = [f"dataset.path={folder}/lines.txt", "trainer.epochs=60", "optimizer.learning_rate=0.02"]
    config = compose_config(["experiment=proverbs_simplernn", "tracking=off", *overrides])
    single_run.run(Request(config=config, folder=folder, number=None, choices={}, overrides=overrides))
    return folder


def written(run: Path, *arguments: str) -> str:
    done = CliRunner().invoke(program(), [*arguments, "--model", str(run)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def test_five_words_written_from_the_first_word_of_a_line_give_the_line_back(run: Path) -> None:
    assert written(run, "가는") == LINES[0]
    assert written(run, "발 없는", "--words", "4") == LINES[1]


def test_no_words_are_the_text_itself(run: Path) -> None:
    assert written(run, "가는 말이", "--words", "0") == "가는 말이"


def test_drawn_words_depend_on_the_seed_alone(run: Path) -> None:
    hot = ("가는", "--words", "12", "--temperature", "5")
    assert written(run, *hot, "--seed", "1") == written(run, *hot, "--seed", "1")
    assert written(run, *hot, "--seed", "1") != written(run, *hot, "--seed", "2")


def test_the_likeliest_one_of_the_hottest_draws_is_greedy(run: Path) -> None:
    assert written(run, "가는", "--temperature", "5", "--top-k", "1") == LINES[0]


def test_a_model_that_judges_reviews_says_that_it_does_not_write(tmp_path: Path) -> None:
    small = ["tracking=off", "architecture=average", "dataset.rows=60", "trainer.epochs=1"]
    request = Request(config=compose_config(small), folder=tmp_path, number=None, choices={}, overrides=small)
    single_run.run(request)
    with pytest.raises(ConfigError, match=r"must name a model that can write.*Sentiment.*task=next_word"):
        CliRunner().invoke(program(), ["좋다", "--model", str(tmp_path)], catch_exceptions=False)
