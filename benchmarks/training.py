"""One epoch of the documents' recipes: plain Keras, bitjaru and PyTorch, side by side.

    BITJARU_DATA=… python benchmarks/training.py [--recipes nsmc_lstm imdb_lstm] [--rows 30000] [--repeats 5]

Every measurement is a process of its own, with one thread; the contenders take turns, and the median of the repeats
counts. The number of the repeat is the seed, so that accuracies are a mean over seeds. All read the same arrays, and
train the same number of batches before the clock starts: graphs are traced, pages are touched. PyTorch joins where it
is installed: `pip install -e .[bench]`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
from goals import Goal, at_least, at_most, print_goals
from training_contenders import CONTENDERS, TITLES
from training_peers import RECIPES

from bitjaru.configuration import build, compose_config
from bitjaru.preparation.prepare import prepare
from bitjaru.reporting.statistics import between_seeds, over_seeds

Runs = dict[str, list[dict[str, float]]]


def main() -> None:
    """Prints a table for each recipe, and the goals."""
    arguments = _arguments()
    if arguments.contender:
        with np.load(arguments.arrays, allow_pickle=False) as arrays:
            found = CONTENDERS[arguments.contender](arguments.recipes[0], dict(arrays), arguments.seed)
        print(json.dumps(found))
        return
    installed = [name for name in ("keras", "tensorflow", "torch") if find_spec(name)]
    versions = ", ".join(f"{name} {version(name)}" for name in installed)
    machine = f"{platform.machine()}, one of {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}. Python {platform.python_version()}, {versions}.")
    goals: list[Goal] = []
    for recipe in arguments.recipes:
        names = [name for name in arguments.contenders if _can(name, recipe)]
        goals += _goals(recipe, *_compare(recipe, names, arguments.rows, arguments.repeats))
    print_goals(goals)


def _can(name: str, recipe: str) -> bool:
    return name != "pytorch" or (recipe == "nsmc_lstm" and find_spec("torch") is not None)


def _compare(recipe: str, names: Sequence[str], rows: int | None, repeats: int) -> tuple[int, Runs]:
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        shape = _write(recipe, rows, arrays)
        runs: Runs = {name: [] for name in names}
        for seed in range(1, repeats + 1):
            for name in names:
                runs[name].append(_measure(name, recipe, arrays, seed))
    print(f"\n`{recipe}`, {shape[0]:,} reviews of {shape[1]} tokens, {repeats} repeats\n")
    print("| | seconds an epoch | least–most | times plain Keras | test accuracy after it, mean over seeds |")
    print("|---|---:|---:|---:|---:|")
    for name in names:
        seconds = [run["seconds"] for run in runs[name]]
        times = _times(runs, name, "keras")
        spread = f"{min(seconds):.1f}–{max(seconds):.1f}"
        accuracy = over_seeds([run["accuracy"] for run in runs[name]])
        print(
            f"| {TITLES[name]} | {median(seconds):.1f} | {spread} | {'–' if times is None else f'{times:.2f}'} "
            f"| {accuracy} |",
            flush=True,
        )
    return shape[0], runs


def _times(runs: Runs, name: str, than: str) -> float | None:
    """Returns how many times as fast one is as the other; None where one of them took no part."""
    if name not in runs or than not in runs:
        return None
    return median(run["seconds"] for run in runs[than]) / median(run["seconds"] for run in runs[name])


def _goals(recipe: str, rows: int, runs: Runs) -> list[Goal]:
    bound = 2.5 if recipe == "nsmc_lstm" else 1.5
    epoch = f"an epoch of `{recipe}`, {rows:,} reviews"
    goals = [at_least(epoch, "plain Keras", bound, _times(runs, "fast", "keras")), _accuracy(epoch, runs)]
    if "pytorch" in runs:
        pace = _times(runs, "fast", "pytorch")
        goals.append(at_most(epoch, "PyTorch's time", 1.0, None if pace is None else 1 / pace))
    return goals


def _accuracy(epoch: str, runs: Runs) -> Goal:
    """The fast way may not cost accuracy: more than the noise of seeds can explain."""
    what, wanted = f"test accuracy after {epoch}", "not lower than by chance"
    if "fast" not in runs or "keras" not in runs:
        return Goal(what, "plain Keras, same seeds", wanted, "–", None)
    ours, plain = ([run["accuracy"] for run in runs[name]] for name in ("fast", "keras"))
    gap = between_seeds(ours, plain)
    return Goal(what, "plain Keras, same seeds", wanted, str(gap), gap.high >= 0 if np.isfinite(gap.high) else None)


def _measure(name: str, recipe: str, arrays: Path, seed: int) -> dict[str, float]:
    one = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--contender", name, "--recipes", recipe, "--arrays", str(arrays)]
    environment = {**os.environ, **one, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [*command, "--seed", str(seed)], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _write(recipe: str, rows: int | None, path: Path) -> tuple[int, int]:
    data = prepare(build(compose_config([f"experiment={recipe}"])))
    examples = data.examples
    held = examples.test or examples.valid or examples.train
    chosen = np.random.default_rng(0).permutation(len(examples.train))[:rows]
    x, y, words = examples.train.inputs[chosen], examples.train.targets[chosen], np.array(len(data.vocabulary))
    np.savez(path, x=x, y=y, x_test=held.inputs[:rows], y_test=held.targets[:rows], words=words)
    return x.shape


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--rows", type=int, help="of the training part and of the test part; all")
    parser.add_argument("--repeats", type=int, default=3)
    for hidden in ("--contender", "--arrays"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
