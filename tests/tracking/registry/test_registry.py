"""The registry over a real store: aliases, history, two at once, and processes that are killed at any step."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient
from tracking.registry.promoting_processes import LOST
from tracking.registry.promotions import NAME, ROLLBACK, event

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.candidate import Candidate
from bitjaru.tracking.registry.history import Event, earlier_champion
from bitjaru.tracking.registry.reference import resolve
from bitjaru.tracking.registry.registry import Overtaken, Registry
from bitjaru.tracking.registry.version import CHALLENGER, CHAMPION, PREVIOUS, Version

DATA = NAME.partition("-")[0]  # the data set that a model learned from


@pytest.fixture(scope="module")
def processes() -> Iterator["subprocess.Popen[str]"]:
    """Promotes in processes of its own; see `promoting_processes`."""
    program = Path(__file__).with_name("promoting_processes.py")
    with subprocess.Popen(
        [sys.executable, str(program)],
        env={**os.environ, "PYTHONPATH": str(program.parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def ask(processes: "subprocess.Popen[str]", *words: object) -> list[int]:
    """Returns the exit statuses of the promotions."""
    assert processes.stdin
    assert processes.stdout
    print(*words, sep="\t", file=processes.stdin, flush=True)
    return [int(status) for status in processes.stdout.readline().split()]


@pytest.fixture
def registry(mlruns: Path) -> Registry:
    return Registry(f"sqlite:///{mlruns}/mlflow.db")


@pytest.fixture
def register(registry: Registry, client: MlflowClient) -> Callable[[str], Version]:
    def made(model_id: str) -> Version:
        run = client.create_run("0")
        candidate = Candidate(
            run_id=run.info.run_id,
            name="lstm",
            status="FINISHED",
            tags={},
            params={},
            metrics={},
            licences=[],
            rows={},
            judges=[],
            model_id=model_id,
            source=f"file:///models/{model_id}",
        )
        return registry.register(NAME, candidate, tags={"data_sha256": "4a44"}, description="| check |")

    return made


def champion(registry: Registry) -> str | None:
    version = registry.holder(NAME, CHAMPION)
    return None if version is None else version.number


def test_a_registered_model_is_the_challenger_with_its_evidence(
    registry: Registry, register: Callable[[str], Version]
) -> None:
    version = register("m-1")
    assert (version.number, version.aliases, version.description) == ("1", (CHALLENGER,), "| check |")
    assert version.tags == {"data_sha256": "4a44", "model_id": "m-1"}
    assert register("m-1").number == "1"
    assert [each.number for each in registry.versions(NAME)] == ["1"]


def test_a_promotion_moves_the_aliases_and_is_remembered(
    registry: Registry, register: Callable[[str], Version]
) -> None:
    register("m-1")
    registry.promote(NAME, event(None, "1"))
    register("m-2")
    registry.promote(NAME, event("1", "2", forced=True, why="for the demo"))
    assert {each.number: each.aliases for each in registry.versions(NAME)} == {"1": (PREVIOUS,), "2": (CHAMPION,)}
    first, second = registry.history(NAME)
    assert (first.origin, first.target, second.origin, second.target) == (None, "1", "1", "2")
    assert (second.who, second.forced, second.why) == ("kim", True, "for the demo")


def test_rollbacks_go_back_step_by_step_and_then_say_that_there_is_no_more(
    registry: Registry, register: Callable[[str], Version]
) -> None:
    for number, before in ((1, None), (2, "1"), (3, "2")):
        register(f"m-{number}")
        registry.promote(NAME, event(before, str(number)))
    assert registry.rollback(NAME, replace(ROLLBACK, id="a")).number == "2"
    assert {each.number: each.aliases for each in registry.versions(NAME)}["1"] == (PREVIOUS,)
    assert registry.rollback(NAME, replace(ROLLBACK, id="b")).number == "1"
    assert registry.holder(NAME, PREVIOUS) is None
    with pytest.raises(TrackingError, match="earlier champion"):
        registry.rollback(NAME, replace(ROLLBACK, id="c"))
    assert [(each.action, each.origin, each.target) for each in registry.history(NAME)][3:] == [
        ("rollback", "3", "2"),
        ("rollback", "2", "1"),
    ]


def test_the_history_survives_the_deletion_of_versions_and_rollback_passes_over_them(
    registry: Registry, register: Callable[[str], Version], client: MlflowClient
) -> None:
    for number, before in ((1, None), (2, "1"), (3, "2")):
        register(f"m-{number}")
        registry.promote(NAME, event(before, str(number)))
    client.delete_model_version(NAME, "2")
    assert [each.target for each in registry.history(NAME)] == ["1", "2", "3"]
    assert registry.rollback(NAME, ROLLBACK).number == "1"


def test_a_deleted_champion_can_be_rolled_back_from(
    registry: Registry, register: Callable[[str], Version], client: MlflowClient
) -> None:
    for number, before in ((1, None), (2, "1")):
        register(f"m-{number}")
        registry.promote(NAME, event(before, str(number)))
    client.delete_model_version(NAME, "2")
    assert champion(registry) is None
    assert registry.rollback(NAME, ROLLBACK).number == "1"


def test_a_promotion_that_another_one_has_overtaken_changes_nothing(
    registry: Registry, register: Callable[[str], Version]
) -> None:
    for number in (1, 2, 3):
        register(f"m-{number}")
    registry.promote(NAME, event(None, "1"))
    registry.promote(NAME, event("1", "2"))
    with pytest.raises(Overtaken, match=r"version 2, no longer 1"):
        registry.promote(NAME, event("1", "3"))
    assert champion(registry) == "2"
    assert len(registry.history(NAME)) == 2


@pytest.mark.slow
def test_of_two_promotions_at_the_same_time_one_wins(
    registry: Registry, register: Callable[[str], Version], processes: "subprocess.Popen[str]"
) -> None:
    for number in (1, 2, 3):
        register(f"m-{number}")
    registry.promote(NAME, event(None, "1"))
    statuses = ask(processes, "race", registry.uri)
    assert sorted(statuses) == [0, LOST]
    assert champion(registry) == ("2", "3")[statuses.index(0)]
    assert len(registry.history(NAME)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("writes", range(6))
def test_a_promotion_that_is_killed_leaves_the_old_champion_or_the_new_one(
    registry: Registry, register: Callable[[str], Version], writes: int, processes: "subprocess.Popen[str]"
) -> None:
    for number in (0, 1, 2):
        register(f"m-{number}")
    registry.promote(NAME, event(None, "3"))
    registry.promote(NAME, event("3", "1"))
    assert ask(processes, "kill", registry.uri, writes) == [-signal.SIGKILL]
    found = champion(registry)
    assert found in {"1", "2"}
    # Whoever comes next puts the rest right: history and way back agree with the champion.
    history = registry.history(NAME)
    assert history[-1].target == found
    assert len(history) == (3 if found == "2" else 2)
    back = registry.holder(NAME, PREVIOUS)
    assert back is not None
    assert back.number == ("1" if found == "2" else "3")
    if found == "1":
        registry.promote(NAME, event("1", "2"))
    assert champion(registry) == "2"
    assert registry.rollback(NAME, ROLLBACK).number == "1"


@pytest.mark.parametrize(
    "reference", [NAME, f"{NAME}@champion", f"{NAME}/1", f"models:/{NAME}/1", f"{DATA}@champion", DATA, None]
)
def test_a_version_is_found_by_alias_number_or_name(
    registry: Registry, register: Callable[[str], Version], reference: str | None
) -> None:
    register("m-1")
    registry.promote(NAME, event(None, "1"))
    assert resolve(registry, reference).number == "1"


def test_what_is_not_there_is_named_with_what_is(registry: Registry, register: Callable[[str], Version]) -> None:
    with pytest.raises(TrackingError, match=r"'x'\. There is none: `bitjaru promote`"):
        resolve(registry, "x")
    with pytest.raises(TrackingError, match="there is none"):
        resolve(registry, None)
    register("m-1")
    with pytest.raises(TrackingError, match=rf"'x'\. There are: {NAME}"):
        resolve(registry, "x@champion")
    with pytest.raises(TrackingError, match=rf"There are: {NAME}/1 \(@challenger\)"):
        resolve(registry, f"{NAME}@champion")
    with pytest.raises(TrackingError, match="Received: 7"):
        resolve(registry, f"{NAME}/7")


def test_after_a_rollback_a_new_promotion_starts_from_the_restored_champion() -> None:
    events = [event(None, "1"), event("1", "2"), replace(ROLLBACK, origin="2", target="1"), event("1", "3")]
    assert earlier_champion(events, ["1", "2", "3"]) == "1"
    assert earlier_champion(events[:3], ["1", "2"]) is None
    assert Event.parse(events[0].line()) == events[0]
