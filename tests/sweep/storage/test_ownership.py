from pathlib import Path

import optuna
import pytest

from bitjaru.errors import TrackingError
from bitjaru.sweep.storage import single_writer
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.ownership import ownership


@pytest.mark.parametrize("kind", ["sqlite:///", "journal:"])
def test_a_study_whose_file_is_deleted_is_not_written_on_into_nothing(home: Path, kind: str) -> None:
    address = f"{kind}{home}/study.file"
    storage = open_storage(address)
    with ownership(address, "study") as owner:
        single_writer.guard(storage, owner.check)
        study = optuna.create_study(study_name="study", storage=storage)
        study.tell(study.ask(), 1.0)
        (home / "study.file").unlink()
        with pytest.raises(TrackingError, match=r"study\.file, which was deleted or replaced"):
            study.tell(study.ask(), 2.0)
