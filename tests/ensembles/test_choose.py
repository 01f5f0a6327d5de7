"""An ensemble out of real runs: what it answers, what its run says, and what is refused."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from mlflow import MlflowClient

from bitjaru.configuration import build, build_part, compose_config
from bitjaru.ensembles.choose import Chosen, Wish, choose
from bitjaru.errors import BitjaruError, BundleError, ConfigError, TrackingError
from bitjaru.models.answers import Answers, accuracy
from bitjaru.models.bundle import Bundle
from bitjaru.models.ensemble import EnsembleModel, Member
from bitjaru.models.tokenized_texts import TokenizedTexts
from bitjaru.outcome import Outcome
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.tokenizers.whitespace import Whitespace
from bitjaru.tracking.registry.candidate import candidate

SMALL = ["dataset.rows=400", "trainer.epochs=1"]
RUNS = {
    "linear": ["architecture=linear"],
    "average": ["architecture=average", "dataset.minimum_tokens=8"],
    "cnn": ["architecture=cnn"],
    "other split": ["architecture=linear", "dataset.validation.seed=7"],
    "other data": ["architecture=linear", "dataset.seed=9"],
    "words": ["architecture=average", "task=next_word", "trainer.epochs=1"],
    "untested": ["architecture=linear", "dataset.validation.fraction=0", "trainer.early_stopping.patience=null"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    shutil.copytree(Path(__file__).parents[2] / "conf", home / "conf")
    shutil.copytree(Path(__file__).parents[2] / "sweeps", home / "sweeps")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BITJARU_HOME", str(home))
        patch.setenv("BITJARU_CACHE", str(home / "cache"))
        yield home


@pytest.fixture(scope="module")
def trained(home: Path) -> Mapping[str, str]:
    ids = {}
    for name, overrides in RUNS.items():
        config = compose_config([*SMALL, *overrides])
        choices = {"dataset": "sample", "task": "next_word" if name == "words" else "sentiment", "architecture": name}
        asked = Request(config=config, folder=home / "runs" / name, number=None, choices=choices, overrides=[])
        outcome = single_run.run(asked)
        assert outcome.run_id is not None
        ids[name] = outcome.run_id
    return ids


def store(home: Path) -> str:
    return f"sqlite:///{home}/mlruns/mlflow.db"


def made(home: Path, runs: list[str], members: int = 5, milliseconds: float | None = None) -> Chosen:
    tracking = build_part(compose_config([]), "tracking")
    return choose(Wish(runs, members, milliseconds), store(home), tracking)


@pytest.fixture(scope="module")
def chosen(home: Path, trained: Mapping[str, str]) -> Chosen:
    return made(home, [trained[name] for name in ("linear", "average", "cnn")])


def test_it_answers_raw_texts_with_the_weighted_mean_of_its_members(home: Path, chosen: Chosen) -> None:
    bundle = Bundle.load(chosen.folder / "bundle")
    shares = json.loads((chosen.folder / "bundle" / "ensemble.json").read_text(encoding="utf-8"))["shares"]
    assert sum(shares.values()) == pytest.approx(1)
    texts = ["음악이 훌륭했어요", "", "지루한 영화였어요"]
    members = [Bundle.load(chosen.folder / "bundle" / "members" / run) for run in shares]
    mean = sum(share * member.probabilities(texts) for share, member in zip(shares.values(), members, strict=True))
    np.testing.assert_allclose(bundle.probabilities(texts), mean, atol=1e-7)
    assert [answer.no_known_token for answer in bundle.predict(texts)] == [False, True, False]


def test_its_kept_answers_are_those_that_it_gives_to_every_review(home: Path, chosen: Chosen) -> None:
    bundle = Bundle.load(chosen.folder / "bundle")
    test = build(compose_config(SMALL)).dataset.load().splits.test
    assert test is not None
    kept = Answers.load(chosen.folder / "bundle" / "answers" / "test.npz")
    assert len(kept) == len(test)
    np.testing.assert_allclose(bundle.probabilities(test.texts), kept.probabilities, atol=1e-5)


def test_its_run_names_its_members_and_can_be_promoted(home: Path, chosen: Chosen) -> None:
    assert chosen.run_id is not None
    found = candidate(store(home), chosen.run_id)
    kept = Answers.load(chosen.folder / "bundle" / "answers" / "test.npz")
    assert found.metrics["test_accuracy_all"] == pytest.approx(accuracy(kept))
    assert (found.tags["architecture"], found.tags["dataset"], set(found.rows)) == (
        "ensemble",
        "sample",
        {"train", "valid", "test"},
    )
    note = MlflowClient(store(home)).get_run(chosen.run_id).data.tags["mlflow.note.content"]
    shares = json.loads((chosen.folder / "bundle" / "ensemble.json").read_text(encoding="utf-8"))["shares"]
    assert all(run in note for run in shares)
    assert "McNemar" in note
    assert "accuracy against milliseconds" in note
    assert (chosen.folder / "report" / "accuracy_against_milliseconds.png").stat().st_size > 5_000


def test_what_is_read_alike_is_cut_into_tokens_once(
    home: Path, chosen: Chosen, trained: Mapping[str, str], monkeypatch: Any
) -> None:
    read: list[int] = []
    tokenize = Whitespace.tokenize

    def spy(self: Whitespace, texts: Any) -> Any:
        read.append(len(texts))
        return tokenize(self, texts)

    models = [Bundle.load(home / "runs" / name / "bundle").model for name in ("average", "cnn")]
    members = {f"run{place}": Member(0.5, model, home) for place, model in enumerate(models)}
    monkeypatch.setattr(Whitespace, "tokenize", spy)
    EnsembleModel(members).probabilities(TokenizedTexts(["영화 좋다", "나쁘다"]))
    assert read == [2]


@pytest.mark.parametrize(
    ("runs", "error", "told"),
    [
        (["linear"], ConfigError, r"at least two runs with answers. Received: 1"),
        (["linear", "linear"], ConfigError, r"named once. Received: .*, named more often"),
        (["linear", "other data"], ConfigError, r"the same data. Received: run linear .*, run other data"),
        (["linear", "other split"], ConfigError, r"the same split. Received: run linear .*, run other split"),
        (["linear", "words"], BundleError, r"answers must be there. Received: run words .*Its task may keep none"),
        (["linear", "untested"], BitjaruError, r"must have answered a validation part. Received: run untested"),
    ],
)
def test_runs_that_do_not_fit_are_refused_by_name(
    home: Path, trained: Mapping[str, str], runs: list[str], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        made(home, [trained[name] for name in runs])


def test_a_run_that_does_not_exist_is_refused(home: Path, trained: Mapping[str, str]) -> None:
    with pytest.raises(TrackingError, match=r"A run must exist. Received: 'nothing'"):
        made(home, [trained["linear"], "nothing"])


def test_a_budget_is_kept_and_one_that_nothing_meets_is_refused(home: Path, trained: Mapping[str, str]) -> None:
    runs = [trained["linear"], trained["cnn"]]
    with pytest.raises(
        ConfigError, match=r"`--milliseconds` must allow one model at least. Received: 1e-06; the quickest"
    ):
        made(home, runs, milliseconds=1e-6)
    assert made(home, runs, members=1).run_id is not None


def test_a_member_whose_files_are_gone_is_named(home: Path, trained: Mapping[str, str]) -> None:
    source = Path(urlsplit(candidate(store(home), trained["cnn"]).source).path)
    shutil.move(source / "data" / "answers", home / "away")
    try:
        with pytest.raises(BundleError, match=rf"answers must be there. Received: run cnn \({trained['cnn']}\)"):
            made(home, [trained["linear"], trained["cnn"]])
    finally:
        shutil.move(home / "away", source / "data" / "answers")


def test_without_a_search_or_grid_there_is_nothing_to_choose_from(home: Path, trained: Mapping[str, str]) -> None:
    with pytest.raises(TrackingError, match=r"Received: there is none. Name runs with `--runs`"):
        made(home, [])


def test_the_runs_of_the_last_grid_are_the_candidates_and_one_whose_answers_are_gone_is_left_out(home: Path) -> None:
    grid = build_part(compose_config([]), "tracking").start(
        home / "grid", name="grid", kind="grid", experiment="sample", config={}, tags={}
    )
    for number, strength in enumerate((0.5, 4.0, 16.0)):
        overrides = ["architecture=linear", f"architecture.inverse_regularization={strength}", "seed=1"]
        config = compose_config([*SMALL, *overrides, f"tracking.parent={home / 'grid'}"])
        choices = {"dataset": "sample", "task": "sentiment", "architecture": "linear"}
        folder = home / "grid" / str(number)
        single_run.run(Request(config=config, folder=folder, number=number, choices=choices, overrides=overrides))
    grid.end("FINISHED", None)
    source = candidate(store(home), str(Outcome.load(home / "grid" / "1").run_id)).source
    (Path(urlsplit(source).path) / "data" / "answers" / "valid.npz").unlink()
    chosen = made(home, [])
    said = (chosen.folder / "report" / "ensemble.md").read_text(encoding="utf-8")
    assert "Chosen out of 2 runs" in said
    assert "Left out: 1 linear" in said
