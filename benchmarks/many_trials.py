"""What a trial costs the search when many have gone before, beside bare Optuna on the same study.

    python benchmarks/many_trials.py --storage sqlite:////tmp/trials.db [--sizes 100 1000 3000 10000] [--each 40]

Trials cost nothing and nobody runs them: all of it is the search's own, asking the sampler and writing to the
storage. A study is filled up to a size; then the search and bare Optuna add some trials each, in turns, with a random
sampler and with TPE. What is filled stays in the storage, and the same command goes on. The processor's milliseconds
are those of the process that asks; a database server has its own. Reading the study is timed when the search opens
it, and its end with all pictures.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
from goals import Goal, at_most, print_goals
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from simulated import Sleeping, bare, optimize, search

from bitjaru.sweep.conclusion import conclude
from bitjaru.sweep.methods.long_studies import tpe
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.study.again import Again

NAME, ROUNDS, LATEST = "many-trials", 3, 1_000  # as conf/hydra/sweeper/sampler/tpe.yaml
OPTIONS: dict[str, Any] = {"seed": 1, "multivariate": True, "group": True}
SAMPLERS: dict[str, tuple[Callable[[], BaseSampler], Callable[[], BaseSampler]]] = {  # of a search, and of bare Optuna
    "random": (lambda: RandomSampler(seed=1), lambda: RandomSampler(seed=1)),
    "TPE": (lambda: tpe(latest_trials=LATEST, **OPTIONS), lambda: TPESampler(**OPTIONS)),
}


def main() -> None:
    """Prints a table for each storage, and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--storage", nargs="+", required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 3_000, 10_000])
    parser.add_argument("--each", type=int, default=40)
    asked = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    goals: list[Goal] = []
    for storage in asked.storage:
        kind = storage.partition(":")[0]
        print(f"\n{kind}: milliseconds a trial, in brackets those of the processor\n")
        print("| trials before | random | bare Optuna | TPE | bare Optuna | opening s | the end s |")
        print("|---:|---:|---:|---:|---:|---:|---:|", flush=True)
        found = {size: row(storage, size, asked.each) for size in asked.sizes}
        first, last = found[min(found)], found[max(found)]
        more = last["random"][1] / first["random"][1]
        goals.append(at_most(f"{kind}: a random trial after {max(found):,}", f"after {min(found):,}", 1.2, more))
        middle = found[min(found, key=lambda size: abs(size - LATEST))]
        grown = last["TPE"][1] / middle["TPE"][1]
        goals.append(at_most(f"{kind}: a trial of TPE after {max(found):,}", f"after {LATEST:,}", 1.2, grown))
        beside = last["TPE"][1] / last["TPE, bare"][1]
        goals.append(at_most(f"{kind}: a trial of TPE after {max(found):,}", "bare Optuna", 1, beside))
    print_goals(goals)


def row(storage: str, size: int, each: int) -> dict[str, tuple[float, float]]:
    """Fills the study up to a size, measures, and prints a row; returns milliseconds, and those of the processor."""
    began = time.perf_counter()
    study = opened(storage, RandomSampler())
    before = len(study.get_trials(deepcopy=False))
    opening = time.perf_counter() - began
    search(study, max(size, before), Sleeping(1, 0))
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for name, (ours, theirs) in SAMPLERS.items():
            study = opened(storage, ours())
            found.setdefault(name, []).append(timed(study, add, each))
            study = optuna.load_study(study_name=NAME, storage=bare(storage), sampler=theirs())
            found.setdefault(f"{name}, bare", []).append(timed(study, optimize, each))
    medians = {name: tuple(map(statistics.median, zip(*measured, strict=True))) for name, measured in found.items()}
    end = ended(study)
    cells = [f"{wall:.1f} ({processor:.1f})" for wall, processor in medians.values()]
    print(f"| {size:,} | {' | '.join(cells)} | {opening:.1f} | {end:.1f} |", flush=True)
    return medians


def timed(study: optuna.Study, run: Callable[[optuna.Study, int], None], trials: int) -> tuple[float, float]:
    """Runs one trial, which reads the study, and then so many; returns milliseconds a trial."""
    run(study, 1)
    wall, processor = time.perf_counter(), time.process_time()
    run(study, trials)
    return 1000 * (time.perf_counter() - wall) / trials, 1000 * (time.process_time() - processor) / trials


def ended(study: optuna.Study) -> float:
    """Returns the seconds of a search's end: its files and its pictures."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        conclude(study, Path(folder), within=[], plots=True, again=Again(["python"]))
    return time.perf_counter() - began


def opened(storage: str, sampler: BaseSampler) -> optuna.Study:
    """Opens the study as a search does; makes it, if it is not there."""
    return optuna.create_study(study_name=NAME, storage=open_storage(storage), sampler=sampler, load_if_exists=True)


def add(study: optuna.Study, trials: int) -> None:
    """Runs so many more trials as a search does."""
    search(study, len(study.get_trials(deepcopy=False)) + trials, Sleeping(1, 0))


if __name__ == "__main__":
    main()
