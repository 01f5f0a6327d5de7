"""How many epochs a pruned TPE search needs to be as good as an unpruned random one ever gets.

    python benchmarks/pruning.py [--seeds 1 2 3] [--trials 24] [--jobs 2] [override ...]

Both search the same space on the bundled sample: architecture and learning rate, up to eight epochs a trial, no early
stopping. For each seed the target is the best validation accuracy that the random search reaches. What is counted is
epochs, not seconds: those that each search had spent, over all of its trials, when it first was that good. The pruned
search may take twice as many trials, for its trials are shorter.
"""

import argparse
import statistics
from collections.abc import Sequence

import optuna
from empty_project import empty_project
from goals import at_most, print_goals
from optuna.trial import FrozenTrial

SEARCH = (
    "-m",
    "hydra/sweeper=optuna",
    "hydra.sweeper.study_name=pruning",
    "hydra.sweeper.plots=false",
    "hydra.sweeper.spaces=[]",
    "architecture=choice(average,simplernn,gru,cnn)",
    "optimizer.learning_rate=tag(log,interval(1e-4,1e-1))",
    "dataset.rows=3000",
    "trainer.epochs=8",
    "trainer.early_stopping.patience=null",
)
RANDOM = ("hydra/sweeper/sampler=random", "hydra/sweeper/pruner=none")
PRUNED = ("hydra/sweeper/sampler=tpe", "hydra/sweeper/pruner=median", "hydra.sweeper.pruner.n_startup_trials=2")


def main() -> None:
    """Prints a Markdown table, a row for each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=2)
    options, overrides = parser.parse_known_args()
    print("| seed | best of random | its epochs until then | of all | pruned TPE's until then | share | of all |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    shares, of_all = [], []
    for seed in options.seeds:
        settings = [f"hydra.sweeper.sampler.seed={seed}", f"hydra.sweeper.n_jobs={options.jobs}", *overrides]
        random = search(*RANDOM, *settings, f"hydra.sweeper.n_trials={options.trials}")
        pruned = search(*PRUNED, *settings, f"hydra.sweeper.n_trials={2 * options.trials}")
        target = max(trial.value for trial in random if trial.value is not None)
        theirs, ours = epochs_until(target, random), epochs_until(target, pruned)
        total = sum(len(trial.intermediate_values) for trial in random)
        spent = float("inf") if ours is None else float(ours)
        shares.append(spent / (theirs or 1))
        of_all.append(spent / total)
        figures = f"{target:.4f} | {theirs} | {total} | {ours or 'never'} | {shares[-1]:.0%} | {of_all[-1]:.0%}"
        print(f"| {seed} | {figures} |", flush=True)
    print(f"\nMedian share: {statistics.median(shares):.0%}; of all: {statistics.median(of_all):.0%}")
    what = "epochs until pruned TPE is as good as an unpruned random search ever gets"
    print_goals([at_most(what, "random's until then", 0.4, statistics.median(shares))])


def search(*overrides: str) -> Sequence[FrozenTrial]:
    """Runs a search in an empty project; returns its trials in the order in which they ended."""
    with empty_project(cold=True) as project:
        project.train(*SEARCH, *overrides)
        done = optuna.load_study(study_name="pruning", storage=f"sqlite:///{project.home}/mlruns/optuna.db").trials
    return sorted(done, key=lambda trial: (trial.datetime_complete is None, trial.datetime_complete))


def epochs_until(target: float, trials: Sequence[FrozenTrial]) -> int | None:
    """Counts the epochs of all trials up to the one that first reached the target; None if none did."""
    spent = 0
    for trial in trials:
        spent += len(trial.intermediate_values)
        if max(trial.intermediate_values.values(), default=float("-inf")) >= target:
            return spent
    return None


if __name__ == "__main__":
    main()
