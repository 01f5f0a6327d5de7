"""An empty project to measure in: the checkout's `conf/` and `sweeps/`, and a tracking store of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
# Evenly spread trials that all run to their end, so that every repeat does the same work.
SEARCH = (
    *("-m", "hydra/sweeper=optuna", "hydra/sweeper/sampler=qmc", "hydra/sweeper/pruner=none"),
    *("hydra.sweeper.plots=false", "hydra.sweeper.spaces=[]"),
    "optimizer.learning_rate=tag(log,interval(3e-4,1e-2))",
)
BENCHMARKS = CHECKOUT / "benchmarks"


@dataclass(frozen=True)
class Project:
    """A home without runs.

    Attributes:
        home: Its folder; goes when the measurement ends.
        environment: In which commands find it.
    """

    home: Path
    environment: Mapping[str, str]

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command to its end, in the folder of the project.

        Raises:
            SystemExit: If it fails, with what it said.
        """
        done = subprocess.run(
            command, cwd=self.home, env=self.environment, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def train(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs `python train.py` with these arguments."""
        return self.run(sys.executable, str(CHECKOUT / "train.py"), *arguments)

    def script(self, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a file of `benchmarks/` with these arguments."""
        return self.run(sys.executable, str(BENCHMARKS / name), *arguments)


@contextmanager
def empty_project(*, cold: bool = False, **variables: str) -> Iterator[Project]:
    """Makes the project.

    Args:
        cold: Whether it starts without tokens; else it has the cache that the person has.
        variables: More of the environment.
    """
    with tempfile.TemporaryDirectory(prefix="bitjaru-benchmark-") as name:
        home = Path(name)
        for folder in ("conf", "sweeps"):
            (home / folder).symlink_to(CHECKOUT / folder)
        cache = {"BITJARU_CACHE": str(home / "cache")} if cold else {}
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONIOENCODING": "utf-8"}
        yield Project(home, {**os.environ, **quiet, "BITJARU_HOME": name, **cache, **variables})
