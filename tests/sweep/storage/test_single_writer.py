"""The storage of a study that only one process writes to."""

import copy
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import event
from sweep import runners
from sweep.searching import knob, search

from bitjaru.errors import TrackingError
from bitjaru.sweep.methods.pruners import Alike
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.storage.single_writer import owned, write_down
from bitjaru.sweep.storage.whole_trials import whole

SPACE = Space((knob("x=interval(-5,5)"), knob("how=choice(a,b)")))


def address(folder: Path) -> str:
    return f"sqlite:///{folder}/study.db"


def opened(folder: Path) -> BaseStorage:
    database = RDBStorage(address(folder))
    return whole(optuna.storages.get_storage(database), database)


def content(trial: FrozenTrial) -> dict[str, Any]:
    names = ("number", "state", "values", "params", "distributions", "user_attrs", "system_attrs")
    return {name: getattr(trial, name) for name in (*names, "intermediate_values")}


def times(trial: FrozenTrial) -> tuple[datetime | None, datetime | None]:
    return trial.datetime_start, trial.datetime_complete


class Compared:
    """Holds a study against what a second reader finds in its database, whenever a trial begins, reports and ends."""

    def __init__(self, folder: Path, storage: BaseStorage) -> None:
        self.folder, self.storage, self.compared = folder, storage, 0

    def compare(self, *_: object) -> None:
        study_id = self.storage.get_all_studies()[0]._study_id
        found, kept = opened(self.folder).get_all_trials(study_id), self.storage.get_all_trials(study_id)
        for theirs, ours in zip(found, kept, strict=True):
            assert content(theirs) == content(ours)
            for one, other in zip(times(theirs), times(ours), strict=True):
                assert (one is None) == (other is None)
                assert one is None or other is None or abs(one - other) < timedelta(seconds=5)
        self.compared += 1

    started = reported = ended = compare


@pytest.mark.parametrize("runner", [runners.square, runners.faulty])
def test_what_is_kept_is_what_stands_in_the_database(tmp_path: Path, runner: Any) -> None:
    storage = owned(opened(tmp_path))
    watcher = Compared(tmp_path, storage)
    pruner = Alike(optuna.pruners.MedianPruner(n_startup_trials=2), ("how",))
    sampler = optuna.samplers.TPESampler(seed=1, n_startup_trials=3, constant_liar=True)
    methods: dict[str, Any] = {"sampler": sampler, "pruner": pruner}
    search(tmp_path, n_trials=8, space=SPACE, runner=runner, storage=storage, watchers=[watcher], **methods)
    assert watcher.compared >= 16


def test_what_stood_in_the_database_before_is_seen(tmp_path: Path) -> None:
    search(tmp_path, n_trials=3, storage=opened(tmp_path))
    before = opened(tmp_path)
    study = optuna.load_study(study_name="study", storage=before)
    study.enqueue_trial({"x": 1.5})
    done = search(tmp_path, n_trials=4, storage=owned(opened(tmp_path)))
    assert [trial.state for trial in done.trials] == [TrialState.COMPLETE] * 4
    assert done.trials[3].params == {"x": 1.5}


def test_a_trial_that_was_handed_out_does_not_end_in_somebodys_hands(tmp_path: Path) -> None:
    storage = owned(opened(tmp_path))
    study = optuna.create_study(storage=storage)
    trial = study.ask()
    before = storage.get_trial(trial._trial_id)
    study.tell(trial, 1.0)
    assert before.state == TrialState.RUNNING
    assert storage.get_trial(trial._trial_id).state == TrialState.COMPLETE


def test_a_copy_holds_the_same_trials(tmp_path: Path) -> None:
    storage = owned(opened(tmp_path))
    study = optuna.create_study(storage=storage)
    study.tell(study.ask(), 1.0)
    assert copy.deepcopy(storage).get_all_trials(study._study_id) == study.trials


def test_a_study_in_the_place_of_a_deleted_one_begins_empty(tmp_path: Path) -> None:
    storage = owned(opened(tmp_path))
    deleted = optuna.create_study(study_name="deleted", storage=storage)
    deleted.tell(deleted.ask(), 1.0)
    optuna.delete_study(study_name="deleted", storage=storage)
    study = optuna.create_study(storage=storage)
    assert study._study_id == deleted._study_id
    assert study.trials == []


def test_a_second_writer_is_noticed_before_a_trial_runs(tmp_path: Path) -> None:
    storage = owned(opened(tmp_path))
    study = optuna.create_study(study_name="study", storage=storage)
    study.tell(study.ask(), 1.0)
    optuna.load_study(study_name="study", storage=opened(tmp_path)).ask()
    study.ask()
    with pytest.raises(TrackingError, match=r"Nobody else may write to a study .* trial 2 where 1 was next"):
        write_down(storage)


def test_what_waits_and_what_runs_is_found_in_order_of_number(tmp_path: Path) -> None:
    first = optuna.create_study(study_name="study", storage=opened(tmp_path))
    for _ in range(3):
        first.ask()
    first.enqueue_trial({"x": 1.0})
    first.tell(1, 1.0)
    study = optuna.load_study(study_name="study", storage=owned(opened(tmp_path)))
    study.enqueue_trial({"x": 2.0})
    assert [each.number for each in study.get_trials(states=(TrialState.RUNNING,))] == [0, 2]
    assert [each.number for each in study.get_trials(states=(TrialState.WAITING,))] == [3, 4]
    assert [each.number for each in study.get_trials(states=(TrialState.RUNNING, TrialState.COMPLETE))] == [0, 1, 2]
    asked = [study.ask().number for _ in range(3)]
    assert asked == [3, 4, 5]
    assert [each.number for each in study.get_trials(states=(TrialState.RUNNING,))] == [0, 2, *asked]
    study.tell(2, 1.0)
    assert [each.number for each in study.get_trials(states=(TrialState.RUNNING,))] == [0, *asked]


def test_a_trial_asks_the_database_as_often_late_as_early(tmp_path: Path) -> None:
    engine_of = RDBStorage(address(tmp_path))
    counts: Counter[int] = Counter()
    begun = [0]
    event.listen(engine_of.engine, "before_cursor_execute", lambda *_: counts.update([begun[0]]))

    class Counting:
        def started(self, job: Any) -> None:
            begun[0] = job.number

        def reported(self, *_: object) -> None: ...

        def ended(self, *_: object) -> None: ...

    storage = owned(optuna.storages.get_storage(engine_of))
    sampler = optuna.samplers.TPESampler(seed=1, n_startup_trials=3, constant_liar=True)
    search(tmp_path, n_trials=41, sampler=sampler, storage=storage, watchers=[Counting()])
    assert counts[39] == counts[10]
    assert counts[39] < 40
