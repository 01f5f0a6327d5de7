"""How many epochs a pruned TPE search needs to be as good as an unpruned random one ever gets.

    BITJARU_DATA=… python benchmarks/pruning.py [--seeds 1 2 3 4 5] [--trials 100] [--jobs 2] [--studies FOLDER]

Both are `sweeps=architectures` on a slice of NSMC: every architecture with its own knobs, and a learning rate between
1e-4 and 1e-1, as of somebody who does not know it yet. A trial trains on 2,500 reviews for eight epochs, without early
stopping, so that only pruning ends one. 10,000 reviews are the validation part: with few of them the best of many
figures is luck, and then no search can be better than another. The pruned search has the sweep's own sampler, pruner
and settings, and is run twice: beginning with draws of its own, as random search does, and as people get it, beginning
with each architecture's defaults. It goes on, a few trials at a time, until it is as good, or has had twice as many.

For each seed the target is the best validation accuracy, after any epoch, that the random search reaches. What is
counted is epochs, not seconds: those that each search had spent, over all of its trials, when it first was that good.
There are two denominators, and the goal is held against both. "Until then" is what random had spent when it found its
best, early by luck or late. "Of all" is what it spent altogether, for nobody knows beforehand when the best comes.

With one seed both searches begin with the same draws: where random's best is among the first ten, only pruning can
make a difference. With `--studies` the storage of each search is kept, for `pruners.py`, and one that is there already
is not run again: other settings need another folder. Overrides at the end go to all searches.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import optuna
from empty_project import Project, empty_project
from goals import Goal, at_most, print_goals
from optuna.trial import FrozenTrial

STUDY = "pruning"
AT_A_TIME = 20  # trials
SEARCH = (
    "sweeps=architectures",
    f"hydra.sweeper.study_name={STUDY}",
    "hydra.sweeper.plots=false",
    "optimizer.learning_rate=tag(log,interval(1e-4,1e-1))",
    "trainer.epochs=8",
    "trainer.early_stopping.patience=null",
    "dataset=nsmc",
    "dataset.rows=12500",
    "dataset.validation.fraction=0.8",
    "dataset.test_file=null",
    "max_len=30",
    "vocab_size=5000",
)
PRUNED = {
    "pruned TPE": "hydra.sweeper.defaults_first=false",
    "pruned TPE with defaults first": "hydra.sweeper.defaults_first=true",
}
RANDOM = ("hydra/sweeper/sampler=random", "hydra/sweeper/pruner=none", "hydra.sweeper.defaults_first=false")


class Run(Protocol):
    """A search that is ready to be run in a project."""

    def __call__(self, *, project: Project) -> None:
        """Runs it."""


def main() -> None:
    """Prints a Markdown table, a row for each seed and pruned search."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--studies", type=Path)
    options, overrides = parser.parse_known_args()
    print("| seed | random: best | epochs until then | of all | search | its epochs until then | share | of all |")
    print("|---:|---:|---:|---:|---|---:|---:|---:|")
    shares: dict[str, list[float]] = {name: [] for name in PRUNED}
    of_all: dict[str, list[float]] = {name: [] for name in PRUNED}
    with tempfile.TemporaryDirectory() as forgotten:
        for seed in options.seeds:
            settings = [f"hydra.sweeper.sampler.seed={seed}", f"hydra.sweeper.n_jobs={options.jobs}", *overrides]
            begun = (options.studies or Path(forgotten)) / str(seed)
            random = kept(begun / "random.db", partial(search, options.trials, *RANDOM, *settings))
            target, total = max(map(best, random)), sum(len(trial.intermediate_values) for trial in random)
            theirs = epochs_until(target, random) or 1
            for name, first in PRUNED.items():
                run = partial(search_until, target, options.trials, first, *settings)
                ours = epochs_until(target, kept(begun / f"{name.replace(' ', '-')}.db", run))
                spent = float("inf") if ours is None else float(ours)
                shares[name].append(spent / theirs)
                of_all[name].append(spent / total)
                figures = f"{ours or 'never'} | {spent / theirs:.0%} | {spent / total:.0%}"
                print(f"| {seed} | {target:.4f} | {theirs} | {total} | {name} | {figures} |", flush=True)
    print_goals([*goals("random's until then", shares), *goals("all of random's", of_all)])


def goals(against: str, shares: Mapping[str, Sequence[float]]) -> list[Goal]:
    """Returns what is wanted of each pruned search."""
    what = "epochs until {} is as good as random search ever gets"
    return [at_most(what.format(name), against, 0.4, statistics.median(each)) for name, each in shares.items()]


def kept(database: Path, run: Run) -> Sequence[FrozenTrial]:
    """Returns the trials of a search in the order in which they ended; runs it only if its storage is not there."""
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        with empty_project() as project:
            run(project=project)
            shutil.copyfile(stored(project), part := database.with_suffix(".part"))
            part.replace(database)
    return ended(database)


def search(trials: int, *overrides: str, project: Project) -> None:
    """Runs a search until it has so many trials."""
    project.train(*SEARCH, *overrides, f"hydra.sweeper.n_trials={trials}")


def search_until(target: float, trials: int, *overrides: str, project: Project) -> None:
    """Runs a search as long as it is not good enough, or until it has had twice so many trials."""
    step = min(AT_A_TIME, trials)
    for allowed in range(step, 2 * trials + 1, step):
        search(allowed, *overrides, project=project)
        if epochs_until(target, ended(stored(project))) is not None:
            return


def stored(project: Project) -> Path:
    """Returns the storage of a project's searches."""
    return project.home / "mlruns" / "optuna.db"


def ended(database: Path) -> Sequence[FrozenTrial]:
    """Returns the trials of a search in the order in which they ended."""
    done = optuna.load_study(study_name=STUDY, storage=f"sqlite:///{database}").trials
    return sorted(done, key=lambda trial: (trial.datetime_complete is None, trial.datetime_complete))


def best(trial: FrozenTrial) -> float:
    """Returns a trial's best validation accuracy, after any epoch; minus infinity if it had none."""
    return max(trial.intermediate_values.values(), default=float("-inf"))


def epochs_until(target: float, trials: Sequence[FrozenTrial]) -> int | None:
    """Counts the epochs of all trials up to the one that first reached the target; None if none did."""
    spent = 0
    for trial in trials:
        spent += len(trial.intermediate_values)
        if best(trial) >= target:
            return spent
    return None


if __name__ == "__main__":
    main()
