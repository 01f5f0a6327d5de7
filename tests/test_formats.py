"""What another version of bitjaru stored is refused in one sentence that says what to do."""

import json
from pathlib import Path

import optuna
import pytest
from sweep.searching import IDENTITY
from test_outcome import FINISHED

from bitjaru import formats
from bitjaru.errors import FormatError
from bitjaru.files import SEAL
from bitjaru.models.bundle import Bundle
from bitjaru.outcome import FILE, Outcome
from bitjaru.sweep.study.study import open_study
from bitjaru.tracking.runs.journal import Journal
from bitjaru.tracking.runs.run import Run


def test_a_model_of_another_format(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text(json.dumps({"format": 1, "bitjaru": "0.1.0"}), encoding="utf-8")
    with pytest.raises(FormatError, match=r"must have format 4\. Received: 1, .* Train the model again"):
        Bundle.load(tmp_path)


@pytest.mark.parametrize("stored", [{}, {"format": 1}, {"format": "2"}, {"format": formats.RUN + 1}])
def test_a_run_of_another_format(tmp_path: Path, stored: dict[str, object]) -> None:
    FINISHED.save(tmp_path)
    content = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    del content["format"], content[SEAL]
    (tmp_path / FILE).write_text(json.dumps(content | stored), encoding="utf-8")
    with pytest.raises(FormatError, match=r"The run in `.*` must have format 2\. Received: .*\. Run it again\."):
        Outcome.load(tmp_path)


def test_a_journal_of_another_format(tmp_path: Path) -> None:
    Journal(tmp_path).append({"operation": "Start", "time": 1, "uri": None})
    with pytest.raises(FormatError, match=r"must have format 2\. Received: none.*Send it with the version"):
        Run.reopen(tmp_path)


def test_a_study_of_another_format(tmp_path: Path) -> None:
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/optuna.db")
    old = optuna.create_study(study_name="old", storage=storage, directions=list(IDENTITY.directions))
    old.set_user_attr("identity", {"space": dict(IDENTITY.space)})
    with pytest.raises(FormatError, match=r"The study old must have format 2\. Received: none.*study_name=") as error:
        open_study("old", storage, IDENTITY, sampler=old.sampler, pruner=old.pruner)
    assert "\n" not in str(error.value)
