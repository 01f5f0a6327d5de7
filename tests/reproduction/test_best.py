"""The page of the best models, from real runs on the sample."""

import re
import shutil
from pathlib import Path

from omegaconf import OmegaConf
from options import CONF, options

from bitjaru.configuration import build, build_part, compose_config
from bitjaru.reproduction.best import page, reproduce_best
from bitjaru.reproduction.plan import plan


def test_every_best_experiment_is_planned_and_composes() -> None:
    experiments = plan()["best"]["experiments"]
    assert set(experiments) == {name for name in options("experiment") if name.endswith("_best")}
    for name in experiments:
        assert len(build(compose_config([f"experiment={name}"])).reading.views) > 1


def test_the_page_tells_each_seed_beside_the_linear_model(home: Path, tmp_path: Path) -> None:
    (home / "conf").unlink()
    shutil.copytree(CONF, home / "conf")
    experiments = {"naver_shopping_best": {"goal": 0.99, "reviews": []}}
    planned = OmegaConf.create({"best": {"seeds": [2], "experiments": experiments}})
    OmegaConf.save(planned, home / "conf" / "reproduce.yaml")
    tracking = build_part(compose_config([]), "tracking")
    tracking.prepare("sample")
    slice_of_it = ["dataset=sample", "dataset.rows=400", "trainer.epochs=1"]
    assert reproduce_best(tmp_path / "best.md", uri=tracking.uri, extra=slice_of_it) == []
    text = (tmp_path / "best.md").read_text(encoding="utf-8")
    assert f"python train.py experiment=naver_shopping_best seed=2 {' '.join(slice_of_it)}" in text
    assert len(re.findall(r"^\| seed 2 \| .* points, p = ", text, re.MULTILINE)) == 1
    assert len(re.findall(r"^\| linear \| ", text, re.MULTILINE)) == 1
    assert "Goal 0.9900: MISSED." in text


def test_what_was_not_run_is_said(tmp_path: Path) -> None:
    from bitjaru.reproduction.best import Best

    assert "Not run yet." in page([Best("nsmc_best", 0.882, [], None, ["python train.py"], [])])
