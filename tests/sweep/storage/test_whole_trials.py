"""A new trial that is written to a database in one go."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy import event

from bitjaru.errors import TrackingError
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.single_writer import write_down
from bitjaru.sweep.storage.whole_trials import whole

TABLES = ("trials", "trial_params", "trial_user_attributes", "trial_system_attributes", "trial_values")
KNOBS: dict[str, tuple[Any, BaseDistribution]] = {
    "rate": (0.01, FloatDistribution(1e-4, 1e-1, log=True)),
    "layers": (2, IntDistribution(1, 4)),
    "how": ("글자", CategoricalDistribution(("낱말", "글자", None, 3.5))),
}
Row = tuple[Any, ...]


def running(number: int, knobs: Mapping[str, tuple[Any, BaseDistribution]] = KNOBS, **fields: Any) -> FrozenTrial:
    trial = create_trial(
        state=TrialState.RUNNING,
        params={name: value for name, (value, _) in knobs.items()},
        distributions={name: distribution for name, (_, distribution) in knobs.items()},
        user_attrs=fields.get("user_attrs", {"overrides": ["tokenizer=음절"], "attempts": 1}),
        system_attrs=fields.get("system_attrs", {"search_space": {"rate": [1, 2]}}),
    )
    trial.number = number
    return trial


def database(folder: Path, name: str = "study") -> RDBStorage:
    return RDBStorage(f"sqlite:///{folder}/{name}.db")


def opened(behind: RDBStorage) -> tuple[BaseStorage, int]:
    """Returns a storage, and a study in it."""
    storage = whole(optuna.storages.get_storage(behind), behind)
    return storage, optuna.create_study(study_name="study", storage=storage, load_if_exists=True)._study_id


def rows(folder: Path, name: str = "study") -> dict[str, list[Row]]:
    """Returns what stands in the tables, times without their seconds."""
    with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
        return {table: [_plain(row) for row in connection.execute(f"select * from {table}")] for table in TABLES}


def _plain(row: Row) -> Row:
    return tuple(cell[:13] if isinstance(cell, str) and cell[:2] == "20" and "-" in cell[:5] else cell for cell in row)


def test_the_rows_are_those_that_optuna_writes(tmp_path: Path) -> None:
    for name in ("ours", "optuna"):
        behind = database(tmp_path, name)
        ours, study_id = opened(behind)
        storage = ours if name == "ours" else optuna.storages.get_storage(behind)
        for number in range(3):
            trial = running(number)
            trial.datetime_start = optuna.trial.create_trial(value=1.0).datetime_start
            trial_id = storage.create_new_trial(study_id, trial)
            storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [0.5])
    assert rows(tmp_path, "ours") == rows(tmp_path, "optuna")
    assert len(rows(tmp_path, "ours")["trial_params"]) == 9


def test_a_trial_begins_when_it_is_written_down(tmp_path: Path) -> None:
    storage, study_id = opened(database(tmp_path))
    found = storage.get_trial(storage.create_new_trial(study_id, running(0)))
    assert found.datetime_start is not None
    assert abs((found.datetime_start - found.datetime_start.now()).total_seconds()) < 60


@pytest.mark.parametrize("knobs", [1, 30])
def test_a_trial_takes_the_same_few_statements_whatever_it_holds(tmp_path: Path, knobs: int) -> None:
    behind = database(tmp_path)
    storage, study_id = opened(behind)
    storage.create_new_trial(study_id, running(0))
    said: list[str] = []
    event.listen(behind.engine, "before_cursor_execute", lambda *cells: said.append(cells[2]))
    more = {f"knob {place}": (0.5, FloatDistribution(0, 1)) for place in range(knobs)}
    storage.create_new_trial(study_id, running(1, more))
    assert [statement.split()[0] for statement in said] == ["SELECT", "SELECT", "INSERT", "INSERT", "INSERT", "INSERT"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (IntDistribution(0, 1), "different distribution kind"),
        (FloatDistribution(1e-4, 1e-1), "different log configuration"),
    ],
)
@pytest.mark.parametrize("anew", [False, True])
def test_a_knob_of_another_kind_is_refused_as_optuna_does(
    tmp_path: Path, other: BaseDistribution, message: str, anew: bool
) -> None:
    storage, study_id = opened(database(tmp_path))
    storage.create_new_trial(study_id, running(0))
    if anew:  # as after a new start, which knows what stands in the database
        storage, study_id = opened(database(tmp_path))
    with pytest.raises(ValueError, match=message):
        storage.create_new_trial(study_id, running(1, {"rate": (0.05 if "log" in message else 1, other)}))
    assert len(rows(tmp_path)["trials"]) == 1


def test_a_trial_that_cannot_be_written_whole_is_not_written(tmp_path: Path) -> None:
    storage, study_id = opened(database(tmp_path))
    with pytest.raises(TypeError, match="JSON"):
        storage.create_new_trial(study_id, running(0, user_attrs={"what": object()}))
    assert not any(rows(tmp_path).values())
    assert storage.create_new_trial(study_id, running(0)) == 1


def test_a_trial_of_another_writer_is_noticed_and_nothing_written(tmp_path: Path) -> None:
    storage, study_id = opened(database(tmp_path))
    storage.create_new_trial(study_id, running(0))
    optuna.load_study(study_name="study", storage=f"sqlite:///{tmp_path}/study.db").ask()
    with pytest.raises(TrackingError, match="trial 2 where 1 was next"):
        storage.create_new_trial(study_id, running(1))
    assert len(rows(tmp_path)["trials"]) == 2
    assert storage.create_new_trial(study_id, running(2)) == 3


def test_a_trial_that_waits_goes_the_way_of_optuna(tmp_path: Path) -> None:
    storage, _ = opened(database(tmp_path))
    study = optuna.load_study(study_name="study", storage=storage)
    study.enqueue_trial({"x": 0.25})
    assert [trial.state for trial in study.trials] == [TrialState.WAITING]
    assert study.ask().suggest_float("x", 0, 1) == 0.25


def test_a_study_in_the_place_of_a_deleted_one_is_counted_anew(tmp_path: Path) -> None:
    storage, study_id = opened(database(tmp_path))
    storage.create_new_trial(study_id, running(0))
    storage.delete_study(study_id)
    again = optuna.create_study(storage=storage)._study_id
    assert again == study_id
    assert storage.get_trial_number_from_id(storage.create_new_trial(again, running(0, {}))) == 0


def test_two_studies_in_one_database_have_numbers_of_their_own(tmp_path: Path) -> None:
    storage, study_id = opened(database(tmp_path))
    other = optuna.create_study(study_name="other", storage=storage)._study_id
    made = [storage.create_new_trial(where, running(number)) for number in range(3) for where in (study_id, other)]
    assert [storage.get_trial_number_from_id(trial_id) for trial_id in made] == [0, 0, 1, 1, 2, 2]
    assert storage.get_trial_id_from_study_id_trial_number(study_id, 1) == made[2]


def test_a_search_writes_its_trials_whole(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/study.db")
    study = optuna.create_study(study_name="study", storage=storage)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    assert rows(tmp_path)["trials"] == []
    write_down(storage)
    assert [len(found) for found in rows(tmp_path).values()] == [1, 1, 0, 0, 0]
    study.tell(trial, 1.0)
    assert rows(tmp_path)["trial_values"][0][-2:] == (1.0, "FINITE")
