import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.errors import BundleError
from bitjaru.files import SEAL
from bitjaru.outcome import FILE, Outcome

FINISHED = Outcome(
    status="FINISHED",
    reason=None,
    number=0,
    choices={"architecture": "lstm"},
    overrides=["architecture=lstm"],
    seed=42,
    data_sha256="0" * 64,
    rows={"train": 4800, "valid": 600, "test": 600},
    weights=131_713,
    history={"train_loss": [0.7, 0.5], "valid_accuracy": [0.5, 0.75]},
    best_epoch=2,
    objective=0.75,
    metrics={"valid_accuracy": 0.75, "test_accuracy": 0.73},
    epoch_seconds=1.5,
    seconds=4.0,
    run_id="a1b2",
)


def test_a_saved_outcome_loads_as_it_was(tmp_path: Path) -> None:
    FINISHED.save(tmp_path)
    assert Outcome.load(tmp_path) == FINISHED


@given(st.floats(allow_nan=False), st.text())
def test_any_objective_and_reason_survive(
    tmp_path_factory: pytest.TempPathFactory, objective: float, reason: str
) -> None:
    folder = tmp_path_factory.mktemp("run")
    outcome = dataclasses.replace(FINISHED, objective=objective, reason=reason)
    outcome.save(folder)
    assert Outcome.load(folder) == outcome


def test_an_early_failure_knows_its_job_and_its_reason_and_nothing_else(tmp_path: Path) -> None:
    failed = Outcome.failed(number=3, overrides=["max_len=0"], reason="`max_len` must be positive")
    assert (failed.status, failed.number, failed.overrides) == ("FAILED", 3, ["max_len=0"])
    assert (failed.objective, failed.metrics, failed.run_id) == (None, {}, None)
    failed.save(tmp_path)
    assert Outcome.load(tmp_path) == failed


def test_korean_stays_readable_in_the_file(tmp_path: Path) -> None:
    dataclasses.replace(FINISHED, reason="멈춤").save(tmp_path)
    assert "멈춤" in (tmp_path / FILE).read_text(encoding="utf-8")


def test_a_folder_without_an_outcome_says_so(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"must hold a run's outcome\. Received: .*No such file"):
        Outcome.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[1]", "7", '{"format": 2}', '{"format": 2, "new_field": 1}'])
def test_a_file_that_is_no_outcome_says_so(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match="must hold a run's outcome"):
        Outcome.load(tmp_path)


def test_the_file_holds_every_field_and_no_other(tmp_path: Path) -> None:
    FINISHED.save(tmp_path)
    written = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert list(written) == ["format", *(field.name for field in dataclasses.fields(Outcome)), SEAL]
