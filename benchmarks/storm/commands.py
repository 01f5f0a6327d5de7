"""The commands that storms are let loose on: tiny runs of the bundled sample, in a home of their own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TRAIN = [sys.executable, str(CHECKOUT / "train.py")]
BITJARU = [sys.executable, "-m", "bitjaru.commands.cli"]
SMALL = ["dataset.rows=300", "max_len=8", "architecture.embedding.width=4"]
GRID_FOLDER = "multirun/grid"
THREADS = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
SEARCHED = {
    "hydra.sweeper.spaces": "[]",
    "hydra.sweeper.plots": "false",
    "hydra.sweeper.defaults_first": "false",
    "optimizer.learning_rate": "tag(log,interval(1e-3,1e-1))",
    "trainer.epochs": "3",
}


def make_home(home: Path) -> None:
    """Makes a folder a project's home, with the checkout's config."""
    home.mkdir(parents=True, exist_ok=True)
    for name in ("conf", "sweeps"):
        if not (home / name).exists():
            (home / name).symlink_to(CHECKOUT / name)


def environment(home: Path) -> dict[str, str]:
    """Returns the environment of every command in a home; one thread each, as there are few cores."""
    named = {"BITJARU_HOME": str(home), "BITJARU_CACHE": str(home / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **named, **THREADS}


def grid(jobs: str = "average,linear") -> list[str]:
    """Returns the command of a grid that goes on in its folder when it is given again."""
    own = ["trainer.epochs=2", "trainer.checkpoint=true", f"hydra.sweep.dir={GRID_FOLDER}", "max_len=8"]
    return [*TRAIN, "-m", f"architecture={jobs}", "dataset.rows=300", *own]


def search(*, trials: int, workers: int, name: str = "storm", pruner: str = "median") -> list[str]:
    """Returns the command of a search that goes on when it is given again."""
    asked = [f"hydra.sweeper.n_trials={trials}", f"hydra.sweeper.n_jobs={workers}", f"hydra.sweeper.study_name={name}"]
    methods = ["hydra/sweeper=optuna", f"hydra/sweeper/pruner={pruner}"]
    knobs = [f"{key}={value}" for key, value in SEARCHED.items()]
    return [*TRAIN, "-m", *methods, *asked, *knobs, "architecture=choice(average,simplernn)", *SMALL]


def run(home: Path, command: Sequence[str], *, timeout: float = 3600) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    return subprocess.run(
        command, cwd=home, env=environment(home), text=True, capture_output=True, check=False, timeout=timeout
    )
