"""How long a person waits: for the first training step, for `--help`, for an error in the config.

    BITJARU_DATA=… python benchmarks/start.py [--repeats 5] [--rows 50000]

The first step: `train.py` on NSMC, all of it, its tokens in the cache and its store made by an earlier run, against a
bare script that imports Keras with TensorFlow and fits the same arrays, ready in a file, with the same layers. From the
start of the process until Keras tells of the first step; both run below `first_step.py`. They take turns; medians.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from empty_project import BENCHMARKS, CHECKOUT, Project, empty_project
from first_step import REACHED
from goals import Goal, at_most, print_goals

TRAIN = str(CHECKOUT / "train.py")
RUN = ("dataset=nsmc", "architecture=lstm")
QUICK = {
    "`train.py --help`": (TRAIN, "--help"),
    "a config error": (TRAIN, "architecture=nosuch"),
    "`bitjaru --help`": ("-m", "bitjaru.commands.cli", "--help"),
}


def main() -> None:
    """Prints two Markdown tables and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", help="of the training part; all")
    asked = parser.parse_args()
    run = RUN if asked.rows is None else (*RUN, f"dataset.rows={asked.rows}")
    with empty_project() as project:
        goals = [*first_steps(project, run, asked.repeats), *quick_ones(project, asked.repeats)]
    print_goals(goals)


def first_steps(project: Project, run: Sequence[str], repeats: int) -> list[Goal]:
    """Measures both ways to the first step."""
    arrays = project.home / "arrays.npz"
    project.script("ready_arrays.py", str(arrays), *run)
    ours, bare = (TRAIN, *run), (str(BENCHMARKS / "plain" / "start.py"), str(arrays))
    seconds_to_step(project, ours)  # makes the store, and has the files read once
    seconds_to_step(project, bare)
    seconds: dict[str, list[float]] = {"bare script": [], f"`train.py {' '.join(run)}`": []}
    for _ in range(repeats):
        for command, each in zip((bare, ours), seconds.values(), strict=True):
            each.append(seconds_to_step(project, command))
    print("| seconds to the first training step | median | least–most |\n|---|---:|---:|")
    for name, each in seconds.items():
        print(f"| {name} | {median(each):.2f} | {min(each):.2f}–{max(each):.2f} |")
    script, platform = map(median, seconds.values())
    return [at_most("`train.py` to the first training step", "bare script, same arrays", 1.3, platform / script)]


def seconds_to_step(project: Project, command: Sequence[str]) -> float:
    """Returns the seconds from the start of the process to its first training step."""
    started = time.perf_counter()
    done = project.script("first_step.py", *command)
    seconds = time.perf_counter() - started
    if REACHED not in done.stdout:
        raise SystemExit(f"{command} made no step:\n{done.stdout}\n{done.stderr}")
    return seconds


def quick_ones(project: Project, repeats: int) -> list[Goal]:
    """Measures what must be there at once."""
    for command in QUICK.values():
        seconds_until_end(project.home, command, project)  # has the files read once
    seconds = {
        name: [seconds_until_end(project.home, command, project) for _ in range(repeats)]
        for name, command in QUICK.items()
    }
    print("\n| seconds | median | least–most |\n|---|---:|---:|")
    for name, each in seconds.items():
        print(f"| {name} | {median(each):.2f} | {min(each):.2f}–{max(each):.2f} |")
    return [at_most(name, "", 1, median(each), "s") for name, each in seconds.items()]


def seconds_until_end(folder: Path, command: Sequence[str], project: Project) -> float:
    """Returns the seconds of a whole process; that it ends with an error may be what is measured."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=folder, env=project.environment, capture_output=True, check=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
