"""The other storms, which are tests: disks, locks, clocks, a Java machine and servers."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from storm import commands

STORMS: Mapping[str, str] = {
    "a full disk in a search": (
        "tests/sweep/test_loop.py::test_a_full_disk_stops_the_search_and_its_trials_go_on_once_there_is_room"
    ),
    "a full disk before a run": "tests/tracking/store/test_store.py::test_a_full_disk_is_refused_before_any_work",
    "a full disk for the token cache": (
        "tests/preparation/test_token_cache.py::test_a_full_disk_takes_nothing_and_the_run_goes_on"
    ),
    "a read-only store": "tests/test_storms.py::test_a_store_that_may_not_be_written_is_one_error_before_any_work",
    "a read-only registry": (
        "tests/test_storms.py::test_a_registry_that_may_not_be_written_answers_and_refuses_a_promotion"
    ),
    "MLflow's database is locked": (
        "tests/test_storms.py::test_a_store_that_is_locked_for_a_while_has_everything_afterwards"
    ),
    "the study's database is locked": "tests/test_storms.py::test_a_study_that_is_locked_for_a_while_costs_that_while",
    "the clock jumps by days": (
        "tests/test_storms.py::test_a_search_whose_clock_jumps_by_days_loses_and_doubles_nothing"
    ),
    "a JVM is killed in the middle of a corpus": (
        "tests/test_storms.py::"
        "test_a_jvm_that_is_killed_in_the_middle_of_a_corpus_is_one_error_and_the_next_run_has_every_token"
    ),
    "the tracking server is killed and comes back": (
        "tests/tracking/runs/test_away.py::test_nothing_is_lost_when_the_server_is_killed_and_comes_back"
    ),
    "the store is deleted during a search": (
        "tests/tracking/runs/test_vanished.py::"
        "test_a_search_goes_on_without_its_store_says_so_and_is_sent_whole_into_a_fresh_one"
    ),
    "the study is deleted during a search": (
        "tests/sweep/storage/test_ownership.py::test_a_study_whose_file_is_deleted_is_not_written_on_into_nothing"
    ),
}
RESULT = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED)\b", re.MULTILINE)


def one(name: str) -> dict[str, Any]:
    """Lets one of them rage; returns whether it `passed`, and what was found."""
    result, findings = tested(STORMS[name], {})
    return {"name": name, "result": result, "findings": findings}


def tested(test: str, environment: Mapping[str, str]) -> tuple[str, list[str]]:
    """Runs a test; returns whether it was `passed`, `failed` or `skipped`, and what it said where it failed."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-rA", "-m", "", test]
    done = subprocess.run(
        command, cwd=commands.CHECKOUT, env={**os.environ, **environment}, text=True, capture_output=True, check=False
    )
    said = {found.lower() for found in RESULT.findall(done.stdout)}
    result = "skipped" if said == {"skipped"} else "passed" if done.returncode == 0 else "failed"
    return result, [done.stdout[-3000:]] if result == "failed" else []
