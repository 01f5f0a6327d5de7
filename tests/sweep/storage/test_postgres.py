"""Studies in a real PostgreSQL: connections cut, the server restarted, and two hosts at one study."""

import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
import sqlalchemy as sql
from optuna.trial import TrialState
from postgres import Server, postgres
from sweep import runners
from sweep.searching import search

from bitjaru.errors import ConfigError, TrackingError
from bitjaru.sweep.storage import lease, patience
from bitjaru.sweep.storage.lease import Lease, Owner
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.ownership import ownership
from bitjaru.sweep.storage.single_writer import guard, write_down

PROGRAM = """
import time
import hydra

@hydra.main(version_base="1.3", config_path=None)
def slow(config):
    time.sleep(0.3)
    return config.x ** 2

if __name__ == "__main__":
    slow()
"""
SEARCH = ["-m", "hydra/sweeper=bitjaru", "hydra.sweeper.plots=false", "hydra.sweeper.study_name=s", "+x=interval(-3,3)"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


@pytest.fixture
def address(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database of the test's own."""
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))
    name = f"test_{time.time_ns()}"
    engine = sql.create_engine(server.address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sql.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.address.rsplit("/", 1)[0] + f"/{name}"


class Disturbing:
    """Calls something when the n-th trial begins."""

    def __init__(self, number: int, what: Any) -> None:
        self.number, self.what = number, what

    def started(self, job: Any) -> None:
        if job.number == self.number:
            self.what()

    def reported(self, number: int, epoch: int, value: float) -> None: ...

    def ended(self, ended: Any) -> None: ...


def states(address: str, name: str = "study") -> list[str]:
    study = optuna.load_study(study_name=name, storage=address)
    assert [trial.number for trial in study.trials] == list(range(len(study.trials)))
    return [trial.state.name for trial in study.trials]


@pytest.mark.parametrize("when", [0, 3, 5])
def test_connections_that_are_cut_cost_nothing(server: Server, address: str, when: int, tmp_path: Path) -> None:
    with ownership(address, "study") as owner:
        storage = open_storage(address)
        guard(storage, owner.check)
        cut = Disturbing(when, server.cut_connections)
        search(tmp_path, n_trials=8, runner=runners.square, storage=storage, watchers=[cut])
    assert states(address) == ["COMPLETE"] * 8


@pytest.mark.slow
def test_a_server_that_restarts_costs_its_while(server: Server, address: str, tmp_path: Path) -> None:
    def restart() -> None:
        server.stop()
        threading.Timer(10.0, server.start).start()

    started = time.monotonic()
    with ownership(address, "study") as owner:
        storage = open_storage(address)
        guard(storage, owner.check)
        search(tmp_path, n_trials=6, runner=runners.square, storage=storage, watchers=[Disturbing(2, restart)])
    assert time.monotonic() - started > 10
    assert states(address) == ["COMPLETE"] * 6


def test_a_server_that_stays_away_is_one_sentence(
    server: Server, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SECONDS", 1.0)
    storage = open_storage(address)
    try:
        with pytest.raises(TrackingError, match=r"must answer\. Received: postgresql\+psycopg://postgres@127"):
            search(tmp_path, n_trials=6, storage=storage, watchers=[Disturbing(2, server.stop)])
    finally:
        server.start()


def test_a_trial_whose_making_was_answered_by_silence_is_there_once(address: str) -> None:
    storage: Any = open_storage(address)
    study = optuna.create_study(study_name="study", storage=storage)
    real, lost = storage._behind._behind.create_new_trial, list[int]()

    def silent(*arguments: Any) -> int:
        made: int = real(*arguments)
        if not lost:
            lost.append(made)
            raise sql.exc.OperationalError("INSERT", {}, Exception("server closed the connection unexpectedly"))
        return made

    storage._behind._behind.create_new_trial = silent
    study.ask()
    write_down(storage)
    assert len(lost) == 1
    study.ask()
    write_down(storage)
    assert states(address) == ["RUNNING"] * 2


def test_an_end_whose_telling_was_answered_by_silence_is_told_once(address: str) -> None:
    storage: Any = open_storage(address)
    study = optuna.create_study(study_name="study", storage=storage)
    trial, behind, lost = study.ask(), storage._behind._behind, list[bool]()
    real = behind.set_trial_state_values

    def silent(*arguments: Any) -> bool:
        done: bool = real(*arguments)
        if not lost:
            lost.append(True)
            raise sql.exc.OperationalError("UPDATE", {}, Exception("server closed the connection unexpectedly"))
        return done

    behind.set_trial_state_values = silent
    study.tell(trial, 1.0)
    found = optuna.load_study(study_name="study", storage=address).trials[0]
    assert (found.state, found.value) == (TrialState.COMPLETE, 1.0)


def other_host(address: str) -> Lease:
    """A process that holds no local lock of ours."""
    return Lease(sql.create_engine(address), "study", Owner("elsewhere", 7, "0:0"))


def test_another_host_is_told_who_runs_the_study(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.5)
    with ownership(address, "study"):
        theirs = other_host(address)
        with pytest.raises(TrackingError, match=rf"Received: process {os.getpid()} on .* runs it already"):
            theirs.acquire()
        theirs.engine.dispose()
    free = other_host(address)
    free.acquire()
    free.release()


def test_of_two_that_start_together_one_begins(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.5)
    hosts = [Lease(sql.create_engine(address), "study", Owner(f"host{n}", n, f"0:{n}")) for n in range(4)]
    came: list[str] = []

    def start(host: Lease) -> None:
        try:
            host.acquire()
            came.append("began")
        except TrackingError:
            came.append("told")

    threads = [threading.Thread(target=start, args=(host,)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["began", "told", "told", "told"]
    for host in hosts:
        host.release()


def test_a_lease_that_nobody_renews_ends(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "SECONDS", 2.0)
    dead = other_host(address)
    lease._make_table(dead.engine)
    assert dead._take() is None
    started = time.monotonic()
    with ownership(address, "study"):
        assert 1 < time.monotonic() - started < 10
    dead.engine.dispose()


def test_whoever_lost_the_study_writes_nothing_more(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEWED_EVERY", 1000.0)
    monkeypatch.setattr(lease, "SECONDS", 0.5)
    monkeypatch.setattr(lease, "MARGIN", 0.1)

    def steal() -> None:
        time.sleep(0.6)
        other_host(address)._take()

    storage = open_storage(address)
    with ownership(address, "study") as owner:
        guard(storage, owner.check)
        with pytest.raises(TrackingError, match="process 7 on elsewhere took it over"):
            search(tmp_path, n_trials=9, storage=storage, watchers=[Disturbing(3, steal)])
    assert states(address) == ["COMPLETE"] * 3 + ["RUNNING"]


def test_a_restart_on_the_same_machine_need_not_wait_for_the_lease(address: str) -> None:
    with ownership(address, "study") as owner:
        assert owner.lock is not None
        old = Lease(sql.create_engine(address), "study", Owner("here", 1, Owner.here(owner.lock).lock))
        assert old._take() is None  # as if a process that was killed had left it
        old.engine.dispose()
    started = time.monotonic()
    with ownership(address, "study"):
        assert time.monotonic() - started < 5


def test_a_host_made_from_the_same_image_is_another_host(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lock file has the same numbers as ours, on a machine that was started apart."""
    monkeypatch.setattr(lease, "RENEWED_EVERY", 0.5)
    with ownership(address, "study") as owner:
        assert owner.lock is not None
        ours = Owner.here(owner.lock)
        monkeypatch.setattr(lease, "_machine", lambda: "another-start")
        twin = Lease(sql.create_engine(address), "study", Owner.here(owner.lock))
        assert twin.owner.host == ours.host
        with pytest.raises(TrackingError, match="runs it already"):
            twin.acquire()
        twin.engine.dispose()


def isolated() -> bool:
    """Whether a process may be given file systems of its own here."""
    return os.getuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not isolated(), reason="needs root: each host mounts a disk of its own")
def test_two_hosts_with_disks_of_their_own_run_every_trial_once(address: str, tmp_path: Path) -> None:
    """Both see their own disk at the same place, as two machines made from one image: only the database is shared."""
    (tmp_path / "slow.py").write_text(PROGRAM.replace("0.3", "1.5"))  # longer than one may start after the other
    home = tmp_path / "home"
    home.mkdir()
    asked = [*SEARCH, "hydra.sweeper.n_trials=24", "hydra/sweeper/executor=processes", "hydra.sweeper.n_jobs=2"]
    words = shlex.join([sys.executable, "slow.py", *asked, f"hydra.sweeper.storage={address}"])
    host = (
        f"mount -t tmpfs disk {home} && cp {tmp_path}/slow.py {home} && cd {home} && {words}; code=$?; ls; exit $code"
    )
    hosts = [
        subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", host],
            env={**os.environ, "BITJARU_HOME": str(home), "HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=180)[0] for each in hosts]
    assert list(home.iterdir()) == [], "neither wrote to a disk that the other sees"
    assert sorted(each.returncode for each in hosts) == [0, 1], said
    refused = said[0] if hosts[0].returncode else said[1]
    assert "runs it already" in refused
    assert "Traceback" not in refused
    assert states(address, "s") == ["COMPLETE"] * 24


def test_a_password_in_the_config_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(PROGRAM)
    secret = "hydra.sweeper.storage=postgresql+psycopg://me:s3cret@127.0.0.1:1/x"
    done = subprocess.run(
        [sys.executable, "slow.py", *SEARCH, secret], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "must hold no password" in done.stderr
    assert "s3cret" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_password_from_the_environment_stands_in_no_file(server: Server, address: str, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(PROGRAM)
    asked = [*SEARCH, "hydra.sweeper.n_trials=2", "hydra.sweeper.storage=${oc.env:BITJARU_STORAGE}"]
    done = subprocess.run(
        [sys.executable, "slow.py", *asked],
        cwd=tmp_path,
        env={**os.environ, "BITJARU_STORAGE": address.replace("postgres@", "postgres:s3cret@")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "s3cret" not in done.stderr + done.stdout
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"s3cret" not in path.read_bytes(), path
    assert states(address, "s") == ["COMPLETE"] * 2


def test_a_driver_that_is_not_installed_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"driver psycopg is not installed: pip install bitjaru\[postgres\]"):
        open_storage("postgresql+psycopg://me@127.0.0.1:1/x")


def test_an_address_that_does_not_answer_is_shown_without_its_password() -> None:
    with pytest.raises(ConfigError) as told:
        open_storage("postgresql+psycopg://me:s3cret@127.0.0.1:1/x")
    assert "me:***@127.0.0.1" in str(told.value)
    assert "s3cret" not in str(told.value)
