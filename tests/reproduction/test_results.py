"""`bitjaru reproduce`: what is run, what is not run again, and the page that comes of it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf
from options import CONF, options

from bitjaru import project
from bitjaru.configuration import compose_config
from bitjaru.errors import ConfigError
from bitjaru.outcome import Outcome
from bitjaru.reproduction.plan import Job, Store, plan, recipe_jobs
from bitjaru.reproduction.results import reproduce
from bitjaru.tracking.runs import code_digest

SLICE = ["dataset.rows=6", "trainer.epochs=3"]


def uri(home: Path) -> str:
    tracking = f"sqlite:///{home}/mlruns/mlflow.db"
    from bitjaru.configuration import build_part

    build_part(compose_config([]), "tracking").prepare("sample")
    return tracking


def one_seed(home: Path) -> None:
    """Gives the home a plan of its own, with fewer runs."""
    (home / "conf").unlink()
    shutil.copytree(CONF, home / "conf")
    planned = OmegaConf.load(CONF / "reproduce.yaml")
    planned.recipes.proverbs_simplernn.seeds = [42]
    OmegaConf.save(planned, home / "conf" / "reproduce.yaml")


def test_the_plan_names_every_recipe_and_figures_that_exist() -> None:
    planned = plan()
    assert set(planned["recipes"]) | set(planned["best"]["experiments"]) == set(options("experiment"))
    for name, wanted in planned["recipes"].items():
        part, _, metric = wanted["metric"].partition("_")
        assert metric == "accuracy"
        assert wanted["of"] in {"best", "last", "final"}
        dataset = compose_config([f"experiment={name}"]).dataset
        has = {
            "train": True,
            "valid": dataset.validation.fraction > 0,
            "test": "test_file" in dataset or "imdb" in name,
        }
        assert has[part], name


def test_every_job_of_the_question_composes() -> None:
    question = plan()["question"]
    for dataset in question["datasets"].values():
        assert set(dataset["leave_out"]) < set(question["competitors"])
        for own in question["competitors"].values():
            Job((*dataset["reviews"], *question["shared"], *own, "optimizer.learning_rate=0.001", "seed=1")).params()


@pytest.mark.slow
def test_a_recipe_is_run_once_and_the_page_is_written_from_mlflow(home: Path) -> None:
    one_seed(home)
    store, page = uri(home), home / "docs" / "results.md"
    assert reproduce(page, uri=store, only=["proverbs_simplernn"], extra=SLICE) == []
    folders = sorted((home / "outputs").glob("*/*/outcome.json"))
    assert len(folders) == 1
    text = page.read_text(encoding="utf-8")
    for folder in folders:
        kept = Outcome.load(folder.parent)
        assert f"`{kept.run_id}`" in text
        assert f"{kept.history['train_accuracy'][-1]:.4f}" in text
    assert "python train.py experiment=proverbs_simplernn seed=42 dataset.rows=6" in text
    assert (home / "docs" / "results" / "proverbs_simplernn.png").stat().st_size > 1000
    assert "[nsmc_lstm](#nsmc_lstm) | test accuracy, final | 0.8480 | not run" in text

    assert reproduce(page, uri=store, only=["proverbs_simplernn"], extra=SLICE) == []
    assert sorted((home / "outputs").glob("*/*/outcome.json")) == folders
    assert page.read_text(encoding="utf-8") == text

    job = recipe_jobs("proverbs_simplernn", [42], SLICE)[0]
    same = Store(store).outcome(job)
    first = next(kept for folder in folders if (kept := Outcome.load(folder.parent)).seed == 42)
    assert same is not None
    assert (same.history, same.weights, same.best_epoch, same.data_sha256, same.rows["train"]) == (
        {name: values for name, values in first.history.items() if name != "seconds"},
        first.weights,
        first.best_epoch,
        first.data_sha256,
        6,
    )
    assert same.metrics == pytest.approx(first.metrics)


def test_another_config_or_other_code_is_run_anew(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    class Done:
        returncode = 1

    def start(command: list[str], **options: Any) -> Done:
        del options
        ran.append(command[3:])
        return Done()

    monkeypatch.setattr("bitjaru.reproduction.plan.subprocess.run", start)
    store = Store(uri(home))
    jobs = recipe_jobs("proverbs_simplernn", [1, 2])
    store.run(jobs)
    assert ran == [list(job.overrides) for job in jobs]
    assert store.failed == [job.command for job in jobs]


def test_a_recipe_that_does_not_exist_is_refused(home: Path) -> None:
    with pytest.raises(ConfigError, match=r"Received: nsmc\. There are: nsmc_lstm, .*, question"):
        reproduce(home / "results.md", uri=uri(home), only=["nsmc"])


def test_a_home_without_a_plan_has_that_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path / "elsewhere"))
    assert "nsmc_lstm" in plan()["recipes"]


def test_the_codes_sum_knows_models_and_not_comments(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text('"""One."""\nx = 1  # why\n\n\ndef f() -> int:\n    """Two."""\n    return x\n', encoding="utf-8")
    meaning = code_digest._meaning(file)
    file.write_text('x = 1\ndef f() -> int:\n    """Three."""\n    return x\n', encoding="utf-8")
    assert code_digest._meaning(file) == meaning
    file.write_text("x = 2\ndef f() -> int:\n    return x\n", encoding="utf-8")
    assert code_digest._meaning(file) != meaning
    assert len(code_digest.digest()) == 64


def test_the_plan_is_no_part_of_a_runs_config() -> None:
    assert "recipes" not in compose_config([])
    assert project.home() / "conf" == CONF
    assert set(OmegaConf.load(CONF / "reproduce.yaml")) == {"recipes", "question", "best"}
