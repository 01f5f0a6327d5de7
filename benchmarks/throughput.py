"""How long a search over NSMC takes: two workers of bitjaru's, against plain Keras, one trial after the other.

    BITJARU_DATA=… python benchmarks/throughput.py [--trials 8] [--rows 10000] [--repeats 3]

Both train the LSTM of `nsmc_lstm` for one epoch with the same learning rates on the same rows, and look at the same
validation and test part. Ours is asked as a person would ask for speed: `trainer=fast optimizer=lazy_adam`, padding
skipped. The whole time counts, from the start of the process to its end: ours with reading the corpus, tracking,
comparison and saved models; the plain script, with as many threads as it likes, reads ready arrays and saves nothing.
"""

import argparse
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import optuna
from empty_project import SEARCH, Project, empty_project
from goals import at_least, print_goals

RECIPE = ("experiment=nsmc_lstm", "dataset.validation.fraction=0.1", "trainer.epochs=1")
FAST = ("trainer=fast", "optimizer=lazy_adam", "architecture.embedding.mask=true")


def main() -> None:
    """Prints a Markdown table and the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--rows", type=int, default=10_000, help="of the training part")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    recipe = (*RECIPE, f"dataset.rows={asked.rows}")
    ours, plain = [], []
    with empty_project() as project:
        arrays = project.home / "arrays.npz"
        project.script("ready_arrays.py", str(arrays), *recipe)
        for _ in range(asked.repeats):
            seconds, rates = search(asked.trials, recipe)
            ours.append(seconds)
            plain.append(seconds_of(partial(by_hand, project, arrays, rates)))
    report(ours, plain, asked)


def search(trials: int, recipe: tuple[str, ...]) -> tuple[float, list[float]]:
    """Runs bitjaru's search in a project without runs; returns its seconds and the learning rates that it tried."""
    with empty_project() as project:
        command = (
            *SEARCH,
            "hydra.sweeper.study_name=throughput",
            "hydra.sweeper.n_jobs=2",
            *recipe,
            *FAST,
            f"hydra.sweeper.n_trials={trials}",
        )
        seconds = seconds_of(lambda: project.train(*command))
        study = optuna.load_study(study_name="throughput", storage=f"sqlite:///{project.home}/mlruns/optuna.db")
        done = [trial.params["optimizer.learning_rate"] for trial in study.trials if trial.value is not None]
    if len(done) != trials:
        raise SystemExit(f"All {trials} trials must be complete. Received: {len(done)}.")
    return seconds, done


def by_hand(project: Project, arrays: Path, rates: list[float]) -> object:
    """Runs the plain script with these learning rates."""
    return project.script("plain/search.py", str(arrays), *map(str, rates))


def seconds_of(work: Callable[[], object]) -> float:
    """Returns the seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report(ours: list[float], plain: list[float], asked: argparse.Namespace) -> None:
    """Prints what was measured."""
    cores = len(os.sched_getaffinity(0))
    print(f"{asked.trials} trials on {asked.rows:,} rows, {asked.repeats} repeats, medians; {cores} cores\n")
    print("| | seconds | trials a minute | times plain Keras | each repeat |\n|---|---:|---:|---:|---|")
    for name, seconds in {"plain Keras, one after the other": plain, "bitjaru, two workers": ours}.items():
        middle, each = median(seconds), ", ".join(f"{value:.0f}" for value in seconds)
        pace = 60 * asked.trials / middle
        print(f"| {name} | {middle:.1f} | {pace:.1f} | {median(plain) / middle:.2f} | {each} |")
    what, against = f"NSMC sweep throughput, 2 cores, {asked.rows:,} reviews", "one trial after another in plain Keras"
    print_goals([at_least(what, against, 4, median(plain) / median(ours))])


if __name__ == "__main__":
    main()
