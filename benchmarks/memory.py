"""How much memory a run takes at its highest: NSMC against the plain script, and IMDB one-hot.

    BITJARU_DATA=… python benchmarks/memory.py [--rows 30000]

NSMC: the recipe `nsmc_lstm` with `trainer=fast` for one epoch, from reading the corpus to the saved model, against a
plain script that reads the tokens of each review as lists of words, counts, encodes and fits for one epoch. The tokens
of ours are in the cache, so that no Java runs. IMDB: one epoch of `imdb_onehot_simplernn`, where the document makes an
array of 4 GB. What counts is the resident memory of the process as the operating system knows it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from empty_project import BENCHMARKS, CHECKOUT, Project, empty_project
from goals import at_most, print_goals

MEGABYTE = 1024  # of the operating system's kilobytes
NSMC = ("experiment=nsmc_lstm", "trainer.epochs=1")
ONE_HOT = ("experiment=imdb_onehot_simplernn", "trainer.epochs=1")


def main() -> None:
    """Prints a Markdown table and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", help="of NSMC's and of IMDB's training part; all")
    asked = parser.parse_args()
    rows = [] if asked.rows is None else [f"dataset.rows={asked.rows}"]
    train = str(CHECKOUT / "train.py")
    with empty_project() as project:
        tokens = str(project.home / "tokens.jsonl")
        project.script("ready_arrays.py", "--tokens", tokens, *NSMC, *rows)
        plain = peak(project, [str(BENCHMARKS / "plain" / "nsmc.py"), tokens])
        ours = peak(project, [train, *NSMC, "trainer=fast", *rows])
        project.script("ready_arrays.py", str(project.home / "arrays.npz"), *ONE_HOT, *rows)  # fills the cache
        one_hot = peak(project, [train, *ONE_HOT, *rows])
    print("| | peak MB |\n|---|---:|")
    print(f"| plain script, NSMC | {plain:,.0f} |")
    print(f"| `train.py {' '.join([*NSMC, 'trainer=fast', *rows])}` | {ours:,.0f} |")
    print(f"| `train.py {' '.join([*ONE_HOT, *rows])}` | {one_hot:,.0f} |")
    print_goals(
        [
            at_most("peak memory of a NSMC run", "the plain script", 1.2, ours / plain),
            at_most("peak memory of IMDB one-hot", "the document's array of 4 GB", 1024, one_hot, "MB"),
        ]
    )


def peak(project: Project, command: Sequence[str]) -> float:
    """Runs a Python script; returns the most MB that its process, or one that it started, has held."""
    # This process must stay small: Linux counts what the parent held when it made the child.
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, *command], cwd=project.home, env=project.environment, stdout=said, stderr=said
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{said.read().decode()}")
    return used.ru_maxrss / MEGABYTE


if __name__ == "__main__":
    main()
