"""`import bitjaru` as a notebook uses it."""

from pathlib import Path

import pytest

import bitjaru
from bitjaru.errors import BitjaruError, ConfigError

SMALL = ["dataset.rows=300", "max_len=10", "trainer.epochs=2"]


def test_a_run_is_trained_looked_at_and_asked(home: Path) -> None:
    run = bitjaru.train("architecture=average", *SMALL)
    assert run.outcome.status == "FINISHED"
    assert run.folder.is_relative_to(home / "outputs")
    assert list(run.history.index) == [1, 2]
    assert {"train_loss", "valid_accuracy"} <= set(run.history.columns)
    assert 0 <= run.metrics["test_accuracy"] <= 1
    curves = run.curves()
    assert len(curves.axes) >= 2
    assert curves._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    (answer,) = run.model.predict(["정말 좋았다"])
    assert set(answer.by_class) == {"negative", "positive"}
    assert [weight.token for weight in run.explain("정말 좋았다").weights] == ["정말", "좋았다"]
    assert "average on sample" in run._repr_html_()
    assert "FINISHED" in repr(run)
    again = bitjaru.load(str(run.folder))
    assert again.predict(["정말 좋았다"])[0].label == answer.label
    with pytest.raises(TypeError, match="takes a list of texts"):
        again.predict("정말 좋았다")


def test_a_grid_becomes_a_table_the_best_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = bitjaru.grid("architecture=average,linear", *SMALL)
    assert "1 best" in capsys.readouterr().out
    assert len(found.runs) == 2
    objectives = list(found.table["objective"])
    assert objectives == sorted(objectives, reverse=True)
    assert found.best.outcome.objective == objectives[0]
    assert "<table" in found._repr_html_()
    assert found.folder.is_relative_to(home / "multirun")


def test_what_is_wrong_is_said_as_on_the_command_line(home: Path) -> None:
    with pytest.raises(ConfigError, match="`train` trains one model"):
        bitjaru.train("-m", "architecture=lstm,gru")
    with pytest.raises(ConfigError, match="max_len"):
        bitjaru.train("max_len=0")
    with pytest.raises(BitjaruError, match="must leave runs"):
        bitjaru.grid("architecture=lstm,gru", "max_len=zero")
    with pytest.raises(BitjaruError, match=r"nothing"):
        bitjaru.load("nothing@champion")
