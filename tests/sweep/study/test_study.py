import logging
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from sweep.searching import IDENTITY

from bitjaru.errors import ConfigError, TrackingError
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.ownership import ownership
from bitjaru.sweep.study.identity import Identity
from bitjaru.sweep.study.study import directions_of, open_study


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))


def opened(identity: Identity, address: str = "journal:studies.log") -> optuna.Study:
    sampler, pruner = optuna.samplers.RandomSampler(), optuna.pruners.NopPruner()
    return open_study("study", open_storage(address), identity, sampler=sampler, pruner=pruner)


@pytest.mark.parametrize("address", ["sqlite:///mlruns/optuna.db", "journal:mlruns/optuna.log"])
def test_a_study_is_found_again_under_the_projects_folder(tmp_path: Path, address: str) -> None:
    opened(IDENTITY, address).add_trial(optuna.create_trial(value=1.0))
    assert len(opened(IDENTITY, address).trials) == 1
    assert (tmp_path / address.partition("mlruns/")[2]).parent == tmp_path
    assert list((tmp_path / "mlruns").glob("optuna.*"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"space": {"x": "interval(0,9)"}}, r"x: interval\(-5,5\) → interval\(0,9\)"),
        ({"space": {**IDENTITY.space, "y": "choice(1)"}}, r"y: absent → choice\(1\)"),
        ({"settings": {"trainer.epochs": "9"}}, r"trainer\.epochs: absent → 9"),
        ({"data": "e" * 64}, r"data: sha256 dddddddddddd → eeeeeeeeeeee"),
        ({"directions": ("minimize",)}, r"direction: maximize → minimize"),
    ],
)
def test_a_changed_study_is_refused_with_the_difference_and_the_way_out(change: dict[str, object], said: str) -> None:
    opened(IDENTITY)
    with pytest.raises(ConfigError, match=rf"{said}.*hydra\.sweeper\.study_name="):
        opened(replace(IDENTITY, **change))  # type: ignore[arg-type]


def test_changed_code_is_said_and_allowed(caplog: pytest.LogCaptureFixture) -> None:
    opened(IDENTITY)
    with caplog.at_level(logging.WARNING):
        opened(replace(IDENTITY, code="2"))
    assert "The code changed since study began (1 → 2)" in caplog.text
    caplog.clear()
    opened(replace(IDENTITY, code="2"))
    assert "code changed" not in caplog.text


@pytest.mark.parametrize(
    "address", ["sqlite:////no/such/folder/a.db", "nosuchdatabase://x", "journal:/no/such/folder/a.log"]
)
def test_a_storage_that_cannot_be_opened_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match=r"must be a database that can be opened\. Received: "):
        open_storage(address)


@pytest.mark.parametrize("named", ["up", [], ["minimize", "up"], "MINIMIZE"])
def test_a_direction_must_be_one_of_the_two(named: str | list[str]) -> None:
    with pytest.raises(ConfigError, match="must be minimize or maximize"):
        directions_of(named)


def test_a_study_has_one_owner_at_a_time_and_is_free_afterwards() -> None:
    with ownership("sqlite:///a.db", "study"):
        with pytest.raises(TrackingError, match="runs it already"), ownership("sqlite:///a.db", "study"):
            pass
        with ownership("sqlite:///a.db", "another"):
            pass
    with ownership("sqlite:///a.db", "study"):
        pass
