import os
import time
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState
from sweep import runners
from sweep.searching import knob, limits, search

from bitjaru.errors import ConfigError
from bitjaru.sweep.execution import gpus
from bitjaru.sweep.execution.executors import Executor, Sink
from bitjaru.sweep.execution.lifetime import LEAST_TRIALS
from bitjaru.sweep.execution.processes import Processes
from bitjaru.sweep.execution.worker import Task
from bitjaru.sweep.execution.worker_process import Share, cores
from bitjaru.sweep.methods.samplers import Exhaustive
from bitjaru.sweep.space.space import Space


class Unheard:
    """A sink for workers that say nothing."""

    def report(self, number: int, epoch: int, value: float) -> bool:
        raise AssertionError(number, epoch, value)

    def remember(self, number: int, name: str, value: Any) -> None:
        raise AssertionError(number, name, value)


def processes(function: str, **options: Any) -> Any:
    def make(sink: Sink) -> Executor:
        settings = {"workers": 1, "trials_per_worker": 10, **options}
        return Processes(Task(f"{runners.__name__}:{function}"), sink, Share(**settings))

    return make


def test_workers_run_the_trials_and_parent_prunes_them(tmp_path: Path) -> None:
    study = search(tmp_path, n_trials=4, executor=processes("square", workers=2))
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 4
    assert all(list(trial.intermediate_values) == [1, 2, 3] for trial in study.trials)


def test_workers_are_replaced_and_get_their_share_of_the_cores(tmp_path: Path) -> None:
    study = search(
        tmp_path, n_trials=4, runner=runners.environment, executor=processes("environment", trials_per_worker=2)
    )
    notes = [trial.user_attrs["notes"] for trial in study.trials]
    assert notes[0]["pid"] == notes[1]["pid"] != notes[2]["pid"] == notes[3]["pid"]
    assert os.getpid() not in {note["pid"] for note in notes}
    assert {note["threads"] for note in notes} == {str(cores())}


def test_workers_that_run_at_the_same_time_have_different_gpus(tmp_path: Path) -> None:
    executor = processes("on_a_gpu", workers=2, trials_per_worker=1, gpus=("3", "5"))
    study = search(tmp_path, n_trials=5, executor=executor)
    first, *others = (trial.user_attrs["notes"] for trial in study.trials)
    beside = [note for note in others if note["span"][0] < first["span"][1]]
    assert len(beside) > 1  # one worker was replaced while the other was busy
    assert {first["gpu"], beside[0]["gpu"]} == {"3", "5"}
    assert {note["gpu"] for note in beside} == {beside[0]["gpu"]}
    assert {note["shares"] for note in others} == {"true"}


def test_gpus_are_those_that_cuda_may_see_or_else_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("nvidia10", "nvidia2", "nvidia-uvm", "nvidiactl", "null"):
        (tmp_path / name).touch()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpus.usable(tmp_path) == ("2", "10")
    for named, seen in {"1, GPU-8932f937": ("1", "GPU-8932f937"), "": (), "-1": ()}.items():
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
        assert gpus.usable(tmp_path) == seen


def test_more_workers_than_gpus_share_them_evenly() -> None:
    assert gpus.least_busy(("0", "1"), ("0", "1", "0")) == "1"
    assert gpus.least_busy(("0", "1"), ("1", "0")) == "0"
    assert gpus.least_busy((), (None,)) is None


def test_a_worker_warms_up_once_before_its_first_trial(tmp_path: Path) -> None:
    def warming(sink: Sink) -> Executor:
        task = Task(f"{runners.__name__}:warmth", warm_up=f"{runners.__name__}:warm_up")
        return Processes(task, sink, Share(workers=1, trials_per_worker=2))

    study = search(tmp_path, n_trials=3, executor=warming)
    assert [trial.value for trial in study.trials] == [1, 1, 1]
    assert len({trial.user_attrs["notes"]["pid"] for trial in study.trials}) == 2


def test_workers_that_still_start_are_gone_after_a_shutdown(tmp_path: Path) -> None:
    task = Task(f"{runners.__name__}:square", warm_up=f"{runners.__name__}:endless")
    began = time.monotonic()
    executor = Processes(task, Unheard(), Share(workers=2, trials_per_worker=1))
    started = [worker.process for worker in executor._workers]
    executor.shutdown()
    assert [process.returncode for process in started] == [-9, -9]
    assert time.monotonic() - began < 4  # nobody waited for the warm-up


def test_what_a_trial_prints_goes_to_its_own_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    search(tmp_path, n_trials=1, executor=processes("environment"))
    assert (tmp_path / "0" / "worker.log").read_text() == "a word from the trial\n"
    assert "a word" not in capfd.readouterr().out


@pytest.mark.parametrize(("how", "reason", "attempts"), [("killed", "killed", 2), ("exit", "other", 0)])
def test_the_death_of_a_worker_is_a_reason_and_only_a_transient_one_is_tried_again(
    tmp_path: Path, how: str, reason: str, attempts: int
) -> None:
    space = Space((knob(f"how=choice({how},fine)"),))
    study = search(tmp_path, n_trials=2, space=space, sampler=Exhaustive(space), executor=processes("faulty"))
    assert study.trials[0].user_attrs["failure"]["reason"] == reason
    assert study.trials[0].user_attrs.get("attempts", 0) == attempts


def test_a_trial_whose_worker_was_killed_once_completes(tmp_path: Path) -> None:
    space = Space((knob("how=choice(killed_once)"),))
    study = search(tmp_path, n_trials=1, space=space, sampler=Exhaustive(space), executor=processes("faulty"))
    assert study.trials[0].state == TrialState.COMPLETE


def test_a_hung_trial_is_ended_and_the_search_goes_on(tmp_path: Path) -> None:
    space = Space((knob("how=choice(hung,fine)"),))
    began = time.monotonic()
    study = search(
        tmp_path,
        n_trials=2,
        space=space,
        sampler=Exhaustive(space),
        executor=processes("faulty"),
        limits=limits(trial_timeout=2.0),
    )
    assert [trial.state for trial in study.trials] == [TrialState.FAIL, TrialState.COMPLETE]
    assert study.trials[0].user_attrs["failure"]["reason"] == "timeout"
    assert time.monotonic() - began < 20


def test_a_trial_is_ended_too_whose_worker_takes_longer_to_start_than_a_trial_may(tmp_path: Path) -> None:
    def starting_slowly(sink: Sink) -> Executor:
        task = Task(f"{runners.__name__}:faulty", warm_up=f"{runners.__name__}:slowly")
        return Processes(task, sink, Share(workers=1, trials_per_worker=10))

    space = Space((knob("how=choice(hung,fine)"),))
    study = search(
        tmp_path,
        n_trials=2,
        space=space,
        sampler=Exhaustive(space),
        executor=starting_slowly,
        limits=limits(trial_timeout=1.0),
    )
    assert [trial.state for trial in study.trials] == [TrialState.FAIL, TrialState.COMPLETE]
    assert study.trials[0].user_attrs["failure"]["reason"] == "timeout"


def test_a_runner_that_does_not_exist_ends_the_search_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="runners:absent"):
        search(tmp_path, n_trials=1, executor=processes("absent"))


def test_no_worker_waits_for_another(tmp_path: Path) -> None:
    """With one slow trial among quick ones, the second worker runs all the quick ones meanwhile."""
    space = Space((knob("seconds=choice(3,0.01,0.02,0.03)"),))
    study = search(
        tmp_path, n_trials=4, space=space, sampler=Exhaustive(space), executor=processes("sleeper", workers=2)
    )
    slow, *quick = study.trials
    assert slow.datetime_complete is not None
    assert all(trial.datetime_complete < slow.datetime_complete for trial in quick if trial.datetime_complete)


def test_a_worker_stays_until_its_memory_has_grown_by_half(tmp_path: Path) -> None:
    """Each of the second search's trials keeps 20 MB, beside some 40 that a worker has from the start."""
    runs = {}
    for function in ("environment", "growing"):
        study = search(tmp_path / function, n_trials=25, executor=processes(function, trials_per_worker=None))
        runs[function] = [trial.user_attrs["notes"]["pid"] for trial in study.trials]
    assert len(set(runs["environment"])) == 1
    first = runs["growing"][0]
    assert runs["growing"].count(first) == LEAST_TRIALS
    assert first not in runs["growing"][LEAST_TRIALS:]


def test_a_worker_whose_memory_nobody_sees_is_replaced_after_ten_trials(tmp_path: Path) -> None:
    executor = processes("environment", trials_per_worker=None, gpus=("0",))
    study = search(tmp_path, n_trials=11, executor=executor)
    pids = [trial.user_attrs["notes"]["pid"] for trial in study.trials]
    assert pids[:LEAST_TRIALS] == [pids[0]] * LEAST_TRIALS
    assert pids[LEAST_TRIALS] != pids[0]
