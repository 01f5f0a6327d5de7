"""`import bitjaru` as a notebook uses it."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from omegaconf import OmegaConf

import bitjaru
from bitjaru.errors import BitjaruError, ConfigError
from bitjaru.notebook.actions import _said
from bitjaru.notebook.results import Runs
from bitjaru.outcome import Outcome

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
    shown = run.explain("정말 좋았다")._repr_html_()
    assert "<th>정말</th>" in shown
    assert shown.startswith(f"<b>{answer.label}</b>")
    assert "average on sample" in run._repr_html_()
    assert "FINISHED" in repr(run)
    again = bitjaru.load(str(run.folder))
    assert again.predict(["정말 좋았다"])[0].label == answer.label
    with pytest.raises(TypeError, match="takes a list of texts"):
        again.predict("정말 좋았다")


@pytest.mark.slow
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


@pytest.mark.parametrize(("overrides", "best"), [(["dataset=sample"], 1), (["dataset=proverbs", "task=next_word"], 0)])
def test_the_best_run_has_the_objective_that_its_task_wants(overrides: list[str], best: int, tmp_path: Path) -> None:
    config = OmegaConf.to_yaml(bitjaru.compose_config(overrides), resolve=True)
    for number, objective in enumerate((2.0, 3.0)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "config.yaml").write_text(config, encoding="utf-8")
        outcome = replace(
            Outcome.failed(number=number, overrides=[], reason=""), status="FINISHED", objective=objective
        )
        outcome.save(tmp_path / str(number))
    found = Runs.of(tmp_path)
    assert found.best.outcome.number == best
    assert found.table["run"][0] == best


def test_a_program_without_a_log_of_its_own_hears_what_the_command_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log = logging.getLogger("bitjaru.training")
    with _said():
        log.info("Epoch 1/2")
    log.info("Epoch 2/2")
    assert capsys.readouterr().out == "Epoch 1/2\n"
