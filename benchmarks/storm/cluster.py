"""Bad hours of a cluster: in one search on two Ray nodes every part is killed, hour after hour."""

import time
from typing import Any

from storm import weather

TEST = "tests/test_cluster.py"
HOURS = 3  # of one search
TRIALS = 24  # an hour
HARMS = (
    "a node is killed with SIGKILL and replaced",
    "the database's connections are cut",
    "MLflow's server is killed and comes back after 5 seconds",
    "the database is stopped for 10 seconds",
    "the search is killed with SIGKILL and started again",
)


def search() -> dict[str, Any]:
    """Lets one search have its bad hours; each is a round of `tests/test_cluster.py`."""
    began = time.monotonic()
    result, findings = weather.tested(TEST, {"BITJARU_ROUNDS": str(HOURS)})
    return {"hours": HOURS, "result": result, "seconds": time.monotonic() - began, "findings": findings}
