import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from bitjaru.data.reviews import Corpus, Reviews, Splits
from bitjaru.outcome import Outcome
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.runs.run import Run
from bitjaru.tracking.store import store


def _local(mlruns: Path, parent: Path | None = None) -> Tracking:
    return Tracking(
        uri=f"sqlite:///{mlruns}/mlflow.db",
        experiment=None,
        artifact_root=f"{mlruns}/artifacts",
        parent=None if parent is None else str(parent),
    )


@pytest.fixture
def local() -> Callable[..., Tracking]:
    """Makes the option `tracking=local` over a folder."""
    return _local


@pytest.fixture(scope="session")
def fresh_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared store: MLflow takes seconds to create its tables, so tests copy this one."""
    folder = tmp_path_factory.mktemp("store")
    store.prepare_files(f"sqlite:///{folder}/mlflow.db", f"{folder}/artifacts")
    return folder


@pytest.fixture
def mlruns(fresh_store: Path, tmp_path: Path) -> Path:
    # MLflow must cope with such a path: many homes have such names.
    folder = tmp_path / "내 mlruns"
    folder.mkdir()
    shutil.copy(fresh_store / "mlflow.db", folder / "mlflow.db")
    return folder


@pytest.fixture
def client(mlruns: Path) -> MlflowClient:
    return MlflowClient(f"sqlite:///{mlruns}/mlflow.db")


@pytest.fixture
def sha256() -> str:
    return "4a44a81d3b38800471042793db4fb0a90900d2f2ff432afce519b3651c9dec58"


@pytest.fixture
def corpus(sha256: str) -> Corpus:
    def rows(number: int) -> Reviews:
        return Reviews(["재미있는 영화"] * number, np.zeros(number, np.int32))

    return Corpus(
        name="nsmc",
        language="ko",
        splits=Splits(rows(6), rows(3), rows(2)),
        read={"train": 9, "test": 2},
        dropped={},
        sha256=sha256,
        source="https://example.org/ratings_train.txt",
        licence="CC0 1.0",
        classes=("negative", "positive"),
    )


@pytest.fixture
def begin(local: Callable[..., Tracking], mlruns: Path, tmp_path: Path) -> Callable[..., Run]:
    """Starts a run, in the local store where no other is given."""

    def start(name: str = "lstm", tracking: Tracking | None = None) -> Run:
        return (tracking or local(mlruns)).start(
            tmp_path / "outputs" / name,
            name=name,
            kind="run",
            experiment="nsmc",
            config={"seed": 42, "architecture": {"_target_": "a.B", "units": 128, "layers": [1, 2]}},
            tags={"seed": 42, "number": None, "overrides": ["architecture=lstm", "seed=42"]},
        )

    return start


@pytest.fixture
def outcome(sha256: str) -> Outcome:
    return Outcome(
        status="FINISHED",
        reason=None,
        number=None,
        choices={"architecture": "lstm"},
        overrides=["architecture=lstm"],
        seed=42,
        data_sha256=sha256,
        rows={"train": 6, "valid": 3, "test": 2},
        weights=1025,
        history={"train_loss": [0.7, 0.6], "valid_accuracy": [0.8, 0.75]},
        best_epoch=1,
        objective=0.8,
        metrics={"valid_accuracy": 0.8, "test_accuracy": 0.7, "test_loss": 0.5},
        epoch_seconds=1.5,
        seconds=4.0,
        run_id=None,
        kept_epoch=1,
    )
