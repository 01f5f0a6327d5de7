import sqlite3
from contextlib import closing
from pathlib import Path

import optuna
import pytest
from optuna.trial import create_trial

from bitjaru.errors import TrackingError
from bitjaru.files import sealed, write_text
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.study import agreement


def test_a_study_that_says_another_value_than_the_trials_folder_is_refused(tmp_path: Path) -> None:
    import json

    study = optuna.create_study(study_name="study")
    for number, value in enumerate((0.5, 0.25)):
        study.add_trial(create_trial(value=value))
        write_text(tmp_path / str(number) / "result.json", json.dumps(sealed({"values": [value], "pruned": False})))
    agreement.check(study, tmp_path)
    study.add_trial(create_trial(value=0.125))
    agreement.check(study, tmp_path)
    write_text(tmp_path / "2" / "result.json", json.dumps(sealed({"values": [0.126], "pruned": False})))
    with pytest.raises(TrackingError, match=r"trial 2 of study with \[0.125\], and \[0.126\]"):
        agreement.check(study, tmp_path)


@pytest.mark.parametrize("place", [20, 100, 4000])
def test_a_damaged_database_of_studies_is_one_error(home: Path, place: int) -> None:
    file = home / "study.db"
    study = optuna.create_study(study_name="study", storage=open_storage(f"sqlite:///{file}"))
    for _ in range(20):
        study.tell(study.ask(), 1.0)
    with closing(sqlite3.connect(file)) as connection:  # what is in the log now goes into the file
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    content = bytearray(file.read_bytes())
    content[place : place + 100] = b"\xff" * 100
    file.write_bytes(content)
    with pytest.raises(TrackingError, match="A study's file must be what was written") as refused:
        open_storage(f"sqlite:///{file}")
    assert "\n" not in str(refused.value)
