"""Bits that flip in what a study is kept in."""

import json
import random
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from bitjaru.errors import BitjaruError, TrackingError
from bitjaru.sweep.storage.copies import PREFIX
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.study import dashboard

VALUE, PARAM = 0.123456789, 0.987654321


def made(address: str, *, trials: int = 3) -> optuna.Study:
    study = optuna.create_study(study_name="study", storage=open_storage(address))
    study.set_user_attr("identity", {"data": "a sum"})
    for number in range(trials):
        trial = study.ask({"x": FloatDistribution(0, number + 1)})
        trial.report(0.5, 1)
        trial.set_user_attr("notes", {"run_id": "a"})
        study.tell(trial, float(number))
    study.add_trial(create_trial(params={"x": PARAM}, distributions={"x": FloatDistribution(0, 1)}, value=VALUE))
    return study


def found(address: str) -> list[Any]:
    storage = open_storage(address)
    return [
        (study.study_name, study.directions, study.user_attrs, storage.get_all_trials(study._study_id))
        for study in storage.get_all_studies()
    ]


def found_or_said(address: str) -> list[Any] | str:
    try:
        return found(address)
    except BitjaruError as error:
        return str(error)


def settle(file: Path) -> None:
    """Puts what is in SQLite's log into its file."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


@pytest.mark.parametrize("figure", [VALUE, PARAM])
@pytest.mark.parametrize("copy", [0, 1])
def test_a_bit_of_a_figure_that_flips_is_one_error_that_names_the_row(home: Path, figure: float, copy: int) -> None:
    file = home / "study.db"
    made(f"sqlite:///{file}")
    settle(file)
    content, written = bytearray(file.read_bytes()), struct.pack(">d", figure)
    assert content.count(written) == 2
    place = content.index(written) if copy == 0 else content.rindex(written)
    content[place + 6] ^= 1
    file.write_bytes(content)
    table = "trial_values" if figure == VALUE else "trial_params"
    with pytest.raises(TrackingError, match=rf"which was damaged: row \d of its table {table} is not") as refused:
        open_storage(f"sqlite:///{file}")
    assert "\n" not in str(refused.value)


def test_whatever_bit_flips_the_study_is_the_same_or_refused_in_one_sentence(home: Path) -> None:
    file, chance = home / "study.db", random.Random(1)
    made(f"sqlite:///{file}")
    settle(file)
    expected, content, refused = found(f"sqlite:///{file}"), file.read_bytes(), 0
    used = [place for place, byte in enumerate(content) if byte]
    for place in chance.sample(used, 60):
        changed = bytearray(content)
        changed[place] ^= 1 << chance.randrange(8)
        file.write_bytes(changed)
        answer = found_or_said(f"sqlite:///{file}")
        assert answer == expected or (isinstance(answer, str) and "\n" not in answer)
        refused += isinstance(answer, str)
    assert refused > 10  # about half: the rest hits free space, or what SQLite only counts


def test_a_damaged_distribution_in_a_file_of_an_earlier_version_is_one_error(home: Path) -> None:
    file = home / "study.db"
    made(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        for (name,) in connection.execute(f"SELECT name FROM sqlite_schema WHERE name GLOB '{PREFIX}*'").fetchall():
            kind = "TABLE" if name.count("_insert") + name.count("_update") + name.count("_delete") == 0 else "TRIGGER"
            connection.execute(f"DROP {kind} IF EXISTS {name}")
        connection.execute("UPDATE trial_params SET distribution_json = replace(distribution_json, 'name', 'nbme')")
        connection.commit()
    with pytest.raises(TrackingError, match=r"was damaged: Optuna cannot read what is in it \(KeyError: 'type'\)"):
        found(f"sqlite:///{file}")


def test_a_dashboard_is_not_opened_over_a_study_that_cannot_be_read(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = home / "study.db"
    made(f"sqlite:///{file}")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    dashboard.check(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:  # as from an earlier version: both copies say it
        connection.execute("UPDATE trials SET state = 'CONPLETE'")
        connection.commit()
    with pytest.raises(TrackingError, match="Optuna cannot read what is in it"):
        dashboard.check(f"sqlite:///{file}")


def test_what_optuna_itself_writes_and_deletes_stands_in_the_copies_too(home: Path) -> None:
    address = f"sqlite:///{home / 'study.db'}"
    made(address)
    study = optuna.load_study(study_name="study", storage=address)
    study.optimize(lambda trial: trial.suggest_float("y", 0, 1), n_trials=2)
    study.set_user_attr("note", "by hand")
    study.set_user_attr("note", "changed by hand")
    optuna.create_study(study_name="another", storage=address)
    optuna.delete_study(study_name="another", storage=address)
    ((name, _, attributes, trials),) = found(address)
    assert (name, attributes["note"], len(trials)) == ("study", "changed by hand", 6)


def test_a_digit_that_changes_in_a_file_of_lines_is_one_error(home: Path) -> None:
    file = home / "study.log"
    made(f"journal:{file}")
    assert len(found(f"journal:{file}")[0][3]) == 4
    content = file.read_bytes()
    assert content.count(str(VALUE).encode()) == 1
    file.write_bytes(content.replace(str(VALUE).encode(), b"0.123456788"))
    with pytest.raises(TrackingError, match=r"line \d+: its checksum is another one") as refused:
        open_storage(f"journal:{file}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("place", [-1, -2, -40])
def test_the_last_of_a_files_lines_is_not_dropped_when_it_was_damaged(home: Path, place: int) -> None:
    file = home / "study.log"
    made(f"journal:{file}")
    content = bytearray(file.read_bytes())
    content[place] ^= 0x40
    file.write_bytes(content)
    with pytest.raises(TrackingError, match=r"its last line is not what was written|its checksum is another one"):
        open_storage(f"journal:{file}")


def test_the_half_of_a_line_that_a_crash_leaves_is_none(home: Path) -> None:
    file = home / "study.log"
    made(f"journal:{file}")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]) + lines[-1][:-20])
    assert len(found(f"journal:{file}")[0][3]) == 3


def test_a_file_of_lines_that_optuna_wrote_is_read_and_read_by_optuna(home: Path) -> None:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    file = home / "study.log"
    plain = optuna.create_study(study_name="study", storage=JournalStorage(JournalFileBackend(str(file))))
    plain.tell(plain.ask(), 1.0)
    study = optuna.load_study(study_name="study", storage=open_storage(f"journal:{file}"))
    study.tell(study.ask(), 2.0)
    assert b'"check"' in file.read_bytes()
    again = optuna.load_study(study_name="study", storage=JournalStorage(JournalFileBackend(str(file))))
    assert [trial.values for trial in again.trials] == [[1.0], [2.0]]
    assert all(trial.state == TrialState.COMPLETE for trial in again.trials)
    assert json.loads(file.read_bytes().splitlines()[-1])["check"]
