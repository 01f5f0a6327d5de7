"""The page of the best models, from real runs on the sample."""

import re
import shutil
from pathlib import Path

import pytest
from omegaconf import OmegaConf
from options import CONF, options

from bitjaru.configuration import build, compose_config
from bitjaru.reproduction.best import page, reproduce_best
from bitjaru.reproduction.plan import plan
from bitjaru.runs import single_run
from bitjaru.runs.record import Request


def test_every_best_experiment_is_planned_and_composes() -> None:
    experiments = plan()["best"]["experiments"]
    assert set(experiments) == {name for name in options("experiment") if name.endswith("_best")}
    views = {name: set(build(compose_config([f"experiment={name}"])).reading.views) for name in experiments}
    assert views == {
        "nsmc_best": {"syllables", "morphemes", "ngrams"},
        "imdb_best": {"ngrams"},
        "naver_shopping_best": {"syllables", "morphemes", "ngrams"},
    }


@pytest.mark.slow
def test_the_page_tells_each_seed_beside_the_linear_model(home: Path, tmp_path: Path) -> None:
    (home / "conf").unlink()
    shutil.copytree(CONF, home / "conf")
    small = "# @package _global_\ndefaults:\n  - override /architecture: average\n"
    (home / "conf" / "experiment" / "sample_best.yaml").write_text(small, encoding="utf-8")
    experiments = {"sample_best": {"goal": 0.99, "reviews": ["dataset=sample"]}}
    planned = OmegaConf.create({"best": {"seeds": [2, 3], "experiments": experiments}})
    OmegaConf.save(planned, home / "conf" / "reproduce.yaml")
    extra = ["dataset.rows=400", "trainer.epochs=1"]
    linear = ("dataset=sample", "architecture=linear", *extra)
    for number, overrides in enumerate([linear, ("experiment=sample_best", "seed=2", *extra)]):
        choices = {"dataset": "sample", "architecture": str(number)}
        folder = home / "runs" / str(number)
        config = compose_config(overrides)
        single_run.run(Request(config=config, folder=folder, number=None, choices=choices, overrides=list(overrides)))
    uri = f"sqlite:///{home}/mlruns/mlflow.db"
    assert reproduce_best(tmp_path / "best.md", uri=uri, extra=extra, run=False) == []
    text = (tmp_path / "best.md").read_text(encoding="utf-8")
    assert "python train.py experiment=sample_best seed=3 dataset.rows=400 trainer.epochs=1" in text
    assert re.findall(r"^\| seed (\d) \| .* points, p = ", text, re.MULTILINE) == ["2"]
    assert len(re.findall(r"^\| linear \| ", text, re.MULTILINE)) == 1
    assert "Goal 0.9900: MISSED." in text


def test_what_was_not_run_is_said(tmp_path: Path) -> None:
    from bitjaru.reproduction.best import Best

    assert "Not run yet." in page([Best("nsmc_best", 0.882, [], None, ["python train.py"], [])])
