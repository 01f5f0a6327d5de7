"""From trained runs through the whole gate to the registry, and what a user sees of it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from conftest import CHECKOUT
from mlflow import MlflowClient
from typer.testing import CliRunner

from bitjaru.commands.cli import app
from bitjaru.configuration import compose_config
from bitjaru.runs import single_run
from bitjaru.runs.record import Request
from bitjaru.tracking.registry.registry import Registry
from bitjaru.tracking.registry.version import CHAMPION

NAME = "sample-sentiment"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A home with two tracked runs on the same data, a good one and a bad one; gives their ids."""
    home = tmp_path_factory.mktemp("home")
    for name in ("conf", "sweeps"):
        (home / name).symlink_to(CHECKOUT / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BITJARU_HOME", str(home))
        patch.setenv("BITJARU_CACHE", str(home / "cache"))
        yield {
            "good": train(home / "outputs" / "good", "architecture=cnn", "trainer.epochs=8"),
            "linear": train(home / "outputs" / "linear", "architecture=linear"),
            "bad": train(home / "outputs" / "bad", "architecture=average", "trainer.epochs=1"),
        }


def train(folder: Path, *overrides: str) -> str:
    config = compose_config(["dataset.rows=1500", "max_len=20", "trainer.batch_size=16", *overrides])
    choices = {"dataset": "sample", "task": "sentiment", "architecture": folder.name}
    outcome = single_run.run(
        Request(config=config, folder=folder, number=None, choices=choices, overrides=list(overrides))
    )
    assert outcome.run_id is not None
    return outcome.run_id


def bitjaru(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def store() -> str:
    return f"sqlite:///{os.environ['BITJARU_HOME']}/mlruns/mlflow.db"


def test_a_model_goes_through_the_gate_to_the_registry_and_back(trained: Mapping[str, str]) -> None:
    client, registry = MlflowClient(store()), Registry(store())
    status, table = bitjaru("promote", "--run", trained["bad"], "gate.linear.minimum_count=1", "gate.baseline=warn")
    assert status == 0, table
    assert table.count("pass") >= 4
    assert "There is no champion yet" in table

    status, table = bitjaru("promote", "--run", trained["good"])
    assert status == 0, table
    assert "better: +" in table
    second = registry.holder(NAME, CHAMPION)
    assert second is not None
    assert (second.number, second.run_id) == ("2", trained["good"])
    assert second.tags["gate"] == "passed"
    assert "McNemar" in second.description
    assert "## Intended use and limits" in second.description
    assert {"data_sha256", "gate.not_worse", "engine", "model_id"} <= set(second.tags)

    status, table = bitjaru("promote", "--run", trained["bad"])
    assert status == 3
    assert "worse: -" in table
    champion = registry.holder(NAME, CHAMPION)
    assert champion == second
    assert len(registry.history(NAME)) == 2
    tags = client.get_run(trained["bad"]).data.tags
    assert tags["gate"] == "refused"
    assert tags["gate.reasons"].startswith("not worse: worse: ")

    status, _ = bitjaru("promote", "--run", trained["bad"], "--force", "--reason", "for the demo")
    assert status == 0
    last = registry.history(NAME)[-1]
    assert (last.origin, last.target, last.forced, last.why) == ("2", "1", True, "for the demo")
    status, listed = bitjaru("champions")
    assert (status, "promote, forced" in listed, "@champion" in listed) == (0, True, True)

    assert bitjaru("rollback", NAME) == (0, f"{NAME} version 2 is the champion again.\n")
    status, said = bitjaru("predict", "배우들 연기가 정말 좋았다", "--model", NAME)
    assert (status, "확률로" in said, said.endswith("리뷰입니다.\n")) == (0, True, True)


def test_the_baseline_is_trained_once_and_tracked_as_a_run_of_its_own(trained: Mapping[str, str]) -> None:
    runs = MlflowClient(store()).search_runs(["1"], "tags.kind = 'baseline'")
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert len(runs) == 2  # with two settings of it
    assert all(0.4 < run.data.metrics["test_accuracy"] < 1 for run in runs)


def test_the_champion_itself_and_a_run_that_does_not_exist_are_refused_in_words(trained: Mapping[str, str]) -> None:
    from bitjaru.errors import ConfigError, TrackingError

    with pytest.raises(TrackingError, match="another model than the champion"):
        bitjaru("promote", "--run", trained["good"])
    with pytest.raises(TrackingError, match=f"A run must exist.*{trained['good']}"):
        bitjaru("promote", "--run", "nonsense")
    with pytest.raises(TrackingError, match="last search or grid"):
        bitjaru("promote")
    with pytest.raises(ConfigError, match="champion, challenger"):
        bitjaru("promote", "--run", trained["good"], "--alias", "king")
    with pytest.raises(ConfigError, match="without @ / :"):
        bitjaru("promote", "--run", trained["good"], "--model", "sample@champion")
    with pytest.raises(ConfigError, match="go together"):
        bitjaru("promote", "--run", trained["good"], "--force")
    with pytest.raises(ConfigError, match=r"gate\.significance"):
        bitjaru("promote", "gate.significance=2")
