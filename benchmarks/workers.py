"""How many trials a minute a search finishes with one worker and with two.

    python benchmarks/workers.py [--trials 8] [--repeats 3] [override ...]

Real trainings on the bundled sample: the same quasi-random trials each time, no pruning, two epochs, as many threads
as there are cores shared out among the workers. One and two workers alternate. What is counted is the time between the
start of the first and the end of the last trial; so much of the workers' start is in it as was not over when the search
had prepared its data.
"""

import argparse
import os
import statistics
from collections.abc import Sequence

import optuna
from empty_project import SEARCH, empty_project
from goals import at_least, print_goals

WORKERS = (1, 2)
GRU = ("hydra.sweeper.study_name=workers", "architecture=gru", "trainer.epochs=2")


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    options, overrides = parser.parse_known_args()
    measured: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    for _ in range(options.repeats):
        for workers, rates in measured.items():
            rates.append(trials_per_minute(workers, options.trials, overrides))
    medians = {workers: statistics.median(rates) for workers, rates in measured.items()}
    print(f"{options.trials} trials, {options.repeats} repeats, medians; {len(os.sched_getaffinity(0))} cores\n")
    print("| workers | trials a minute | times one worker | each repeat |\n|---:|---:|---:|---|")
    for workers, rates in measured.items():
        each = ", ".join(f"{rate:.1f}" for rate in rates)
        print(f"| {workers} | {medians[workers]:.1f} | {medians[workers] / medians[WORKERS[0]]:.2f} | {each} |")
    print_goals([at_least("trials a minute with two workers", "one worker", 1.7, medians[2] / medians[1])])


def trials_per_minute(workers: int, trials: int, overrides: Sequence[str]) -> float:
    """Runs a search in an empty project."""
    with empty_project(cold=True) as project:
        limits = (f"hydra.sweeper.n_trials={trials}", f"hydra.sweeper.n_jobs={workers}")
        project.train(*SEARCH, *GRU, *overrides, *limits)
        done = optuna.load_study(study_name="workers", storage=f"sqlite:///{project.home}/mlruns/optuna.db").trials
    begun = [trial.datetime_start for trial in done if trial.datetime_start]
    ended = [trial.datetime_complete for trial in done if trial.datetime_complete]
    return 60 * len(done) / (max(ended) - min(begun)).total_seconds()


if __name__ == "__main__":
    main()
