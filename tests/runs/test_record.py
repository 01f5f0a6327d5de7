"""What a run is called in MLflow."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from bitjaru.configuration import build, compose_config
from bitjaru.runs.record import Record, Request


def test_a_run_is_told_from_its_siblings_by_its_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(name: str, *overrides: str, number: int | None = None) -> Record:
        config = compose_config(overrides)
        choices = {"dataset": "sample", "architecture": "cnn"}
        asked = Request(config=config, folder=home / name, number=number, choices=choices, overrides=overrides)
        return Record(asked, build(config))

    with begin("alone"):
        monkeypatch.setenv("BITJARU_PARENT", str(home / "alone"))
        for name, overrides, number in (
            ("third", ("seed=5",), 3),
            ("final", ("seed=5",), None),
            ("share", ("seed=5", "train_fraction=0.07"), None),
        ):
            with begin(name, *overrides, number=number):
                pass
    client = MlflowClient(f"sqlite:///{home}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name("sample")
    assert experiment is not None
    names = {run.info.run_name for run in client.search_runs([experiment.experiment_id])}
    assert names == {"cnn", "3 cnn", "cnn, seed 5", "cnn, seed 5, 7% of the training part"}
