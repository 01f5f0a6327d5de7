import os
import subprocess
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from bitjaru.errors import ConfigError, DiskError
from bitjaru.sweep.execution.jobs import Job, Reporter, Result
from bitjaru.sweep.execution.platform import Ended
from bitjaru.sweep.failure_limits import HopelessError
from bitjaru.sweep.methods.samplers import Exhaustive
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.storage.opening import open_storage
from sweep import runners
from sweep.searching import SPACE, knob, limits, search


def test_a_search_holds_as_many_finished_trials_as_asked_for(tmp_path: Path) -> None:
    study = search(tmp_path, n_trials=4)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 4
    assert study.best_trial.value == min(trial.value for trial in study.trials if trial.value is not None)


def test_the_same_seed_gives_the_same_trials_and_values(tmp_path: Path) -> None:
    first = search(tmp_path / "a", n_trials=6, sampler=optuna.samplers.TPESampler(seed=3, n_startup_trials=2))
    second = search(tmp_path / "b", n_trials=6, sampler=optuna.samplers.TPESampler(seed=3, n_startup_trials=2))
    assert [(t.params, t.value) for t in first.trials] == [(t.params, t.value) for t in second.trials]


def test_a_finished_study_runs_nothing_more(tmp_path: Path) -> None:
    storage = optuna.storages.InMemoryStorage()
    search(tmp_path, n_trials=3, storage=storage)

    def never(job: Job, reporter: Reporter) -> Result:
        raise AssertionError(job)

    assert len(search(tmp_path, n_trials=3, storage=storage, runner=never).trials) == 3


def test_raising_the_total_goes_on_where_the_study_ended(tmp_path: Path) -> None:
    storage = optuna.storages.InMemoryStorage()
    search(tmp_path, n_trials=2, storage=storage)
    study = search(tmp_path, n_trials=5, storage=storage)
    assert [trial.number for trial in study.trials] == [0, 1, 2, 3, 4]


def test_a_trial_that_was_broken_off_runs_again_with_its_parameters_number_folder_and_notes(tmp_path: Path) -> None:
    storage = optuna.storages.InMemoryStorage()

    def broken_off(job: Job, reporter: Reporter) -> Result:
        reporter.remember("run_id", "abc")
        reporter.report(1, 0.5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(tmp_path, n_trials=2, storage=storage, runner=broken_off)
    left = storage.get_all_trials(0)[0]
    assert left.state == TrialState.RUNNING

    jobs: list[Job] = []

    def noting(job: Job, reporter: Reporter) -> Result:
        jobs.append(job)
        return runners.square(job, reporter)

    study = search(tmp_path, n_trials=2, storage=storage, runner=noting)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 2
    assert study.trials[0].params == left.params
    assert (jobs[0].resume, jobs[0].number, jobs[0].folder, jobs[0].notes) == (
        True,
        0,
        tmp_path / "0",
        {"run_id": "abc"},
    )
    assert study.trials[0].intermediate_values[1] == 0.5
    assert not jobs[1].resume


def test_a_pruned_trial_keeps_its_curve_and_the_search_goes_on(tmp_path: Path) -> None:
    pruner = optuna.pruners.ThresholdPruner(upper=20.0)
    study = search(tmp_path, n_trials=8, pruner=pruner)
    pruned = study.get_trials(states=(TrialState.PRUNED,))
    assert pruned
    assert all(list(trial.intermediate_values) == [1] for trial in pruned)
    assert len(study.trials) == 8


def test_several_objectives_give_a_pareto_front(tmp_path: Path) -> None:
    def two(job: Job, reporter: Reporter) -> Result:
        x = float(runners.values(job)["x"])
        reporter.report(1, x)
        return Result((x, -x))

    study = search(tmp_path, n_trials=3, runner=two, directions=("maximize", "minimize"))
    assert len(study.best_trials) == 1


@pytest.mark.parametrize("how", ["nan", "nan_value", "oom", "shape", "bug"])
def test_a_failed_trial_keeps_its_reason_and_does_not_end_the_search(tmp_path: Path, how: str) -> None:
    space = Space((knob(f"how=choice({how},fine)"),))
    study = search(tmp_path, n_trials=2, space=space, runner=runners.faulty, sampler=Exhaustive(space))
    assert [trial.state for trial in study.trials] == [TrialState.FAIL, TrialState.COMPLETE]
    reason = {"nan_value": "nan", "bug": "other"}.get(how, how)
    assert study.trials[0].user_attrs["failure"]["reason"] == reason


def test_a_transient_failure_is_tried_again_twice(tmp_path: Path) -> None:
    attempts: list[int] = []

    def runs_out_of_memory(job: Job, reporter: Reporter) -> Result:
        if job.number:
            return Result((1.0,))
        attempts.append(job.attempt)
        raise MemoryError

    study = search(tmp_path, n_trials=2, runner=runs_out_of_memory)
    assert attempts == [0, 1, 2]
    assert study.trials[0].state == TrialState.FAIL


def test_a_wrong_number_of_values_is_a_failure(tmp_path: Path) -> None:
    study = search(tmp_path, n_trials=2, runner=lambda job, _: Result((1.0, 2.0)[job.number :]))
    assert "must return 1 values" in study.trials[0].user_attrs["failure"]["message"]


def fails(job: Job, reporter: Reporter) -> Result:
    raise KeyError(job.number)


def test_a_hopeless_search_ends_with_the_rate_and_the_reason(tmp_path: Path) -> None:
    storage = optuna.storages.InMemoryStorage()
    with pytest.raises(
        HopelessError, match=r"At most 50% .* Received: 5 failures in 5 trials, the last one: other: KeyError: 4"
    ):
        search(tmp_path, n_trials=20, runner=fails, storage=storage, limits=limits(max_failure_rate=0.5))
    assert len(storage.get_all_trials(0)) == 5


def test_the_same_failure_again_and_again_ends_the_search(tmp_path: Path) -> None:
    storage = optuna.storages.InMemoryStorage()

    def always_the_same(job: Job, reporter: Reporter) -> Result:
        raise KeyError("units")

    with pytest.raises(HopelessError, match="3 times in a row"):
        search(tmp_path, n_trials=20, runner=always_the_same, storage=storage, limits=limits(identical_failures=3))
    assert len(storage.get_all_trials(0)) == 3


@pytest.mark.parametrize(
    "changes",
    [{"max_failure_rate": 1.5}, {"identical_failures": 0}, {"trial_timeout": 0}, {"timeout": -1.0}, {"retries": -1}],
)
def test_impossible_limits_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="Received"):
        limits(**changes)


def test_after_the_timeout_no_further_trial_begins(tmp_path: Path) -> None:
    assert len(search(tmp_path, n_trials=10**6, limits=limits(timeout=0.2)).trials) < 10**5


@pytest.mark.parametrize(
    ("n_trials", "timeout", "what_helps"), [(10**6, 0.2, "run the same command again"), (2, None, "begin anew with")]
)
def test_a_search_that_ends_with_nothing_but_failures_says_what_helps(
    n_trials: int, timeout: float | None, what_helps: str, tmp_path: Path
) -> None:
    allowed = limits(max_failure_rate=1.0, identical_failures=10**6, timeout=timeout)
    with pytest.raises(HopelessError, match=what_helps):
        search(tmp_path, n_trials=n_trials, runner=fails, limits=allowed)


def test_watchers_hear_every_start_epoch_and_end(tmp_path: Path) -> None:
    class Notes:
        def __init__(self) -> None:
            self.heard: list[object] = []

        def started(self, job: Job) -> None:
            self.heard.append(("started", job.number))

        def reported(self, number: int, epoch: int, value: float) -> None:  # noqa: ARG002
            self.heard.append(("reported", number, epoch))

        def ended(self, ended: Ended) -> None:
            self.heard.append(("ended", ended.job.number, ended.state))

    notes = Notes()
    search(tmp_path, n_trials=1, watchers=[notes])
    assert notes.heard == [
        ("started", 0),
        ("reported", 0, 1),
        ("reported", 0, 2),
        ("reported", 0, 3),
        ("ended", 0, "COMPLETE"),
    ]


def test_an_exhaustive_search_tries_every_combination_once_and_goes_on_after_a_break(tmp_path: Path) -> None:
    space = Space((knob("model=choice(a,b)"), knob("x=range(0,2)", model="a"), knob("y=choice(7,8)")))
    storage = optuna.storages.InMemoryStorage()
    assert len(Exhaustive(space)) == 8
    search(tmp_path, n_trials=3, space=space, storage=storage, sampler=Exhaustive(space))
    study = search(tmp_path, n_trials=8, space=space, storage=storage, sampler=Exhaustive(space))
    tried = [" ".join(trial.user_attrs["overrides"]) for trial in study.trials]
    assert tried == [
        *(f"model=a x={x} y={y}" for y in (7, 8) for x in (0, 1, 2)),
        *(f"model=b y={y}" for y in (7, 8)),
    ]


def test_an_exhaustive_search_refuses_a_knob_without_an_end(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Received: x=interval\(-5,5\)"):
        len(Exhaustive(SPACE))


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_stops_the_search_and_its_trials_go_on_once_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    storage = open_storage(f"sqlite:///{tmp_path}/study.db")
    try:
        with pytest.raises(DiskError, match=r"There must be room on the disk.*No space left.*in trial 2"):
            search(disk, n_trials=4, runner=runners.filling, storage=storage)
        states = [trial.state for trial in optuna.load_study(study_name="study", storage=storage).trials]
        assert states == [TrialState.COMPLETE] * 2 + [TrialState.RUNNING]
        for path in disk.rglob("large"):
            path.unlink()
        study = search(disk, n_trials=4, runner=runners.filling, storage=open_storage(f"sqlite:///{tmp_path}/study.db"))
        assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 4
    finally:
        subprocess.run(["umount", str(disk)], check=True)
