"""A cluster taken apart: in one search on two Ray nodes every part is killed, round after round."""

import time
from typing import Any

from storm import weather

TEST = "tests/test_cluster.py"
ROUNDS = 3  # of one search
TRIALS = 24  # a round
HARMS = (
    "a node is killed with SIGKILL and replaced",
    "the database's connections are cut",
    "MLflow's server is killed and comes back after 5 seconds",
    "the database is stopped for 10 seconds",
    "the search is killed with SIGKILL and started again",
)


def search() -> dict[str, Any]:
    """Takes the cluster apart under one search; each round is one of `tests/test_cluster.py`."""
    began = time.monotonic()
    result, findings = weather.tested(TEST, {"BITJARU_ROUNDS": str(ROUNDS)})
    return {"rounds": ROUNDS, "result": result, "seconds": time.monotonic() - began, "findings": findings}
