"""One epoch of the documents' recipes: plain Keras, bitjaru and PyTorch, side by side.

    BITJARU_DATA=… python benchmarks/training.py [--recipes nsmc_lstm imdb_lstm] [--rows 30000] [--repeats 3]

Every measurement is a process of its own, with one thread; the contenders take turns, and the median of the repeats
counts. All read the same arrays. A few steps warm up before the clock starts: graphs are traced, pages are touched.
PyTorch joins where it is installed: `pip install -e .[bench]`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from training_peers import keras_epoch, torch_epoch

from bitjaru.configuration import build, compose_config
from bitjaru.examples import Examples

RECIPES = ("nsmc_lstm", "imdb_lstm", "imdb_simplernn", "imdb_stacked_simplernn")
EXACT = ["architecture.implementation=fused", "trainer.steps_per_execution=16"]
FAST = [*EXACT, "trainer=fast", "optimizer.embedding_update=rows", "architecture.embedding.mask=true"]
WARM_UP = 5


def main() -> None:
    """Prints a table for each recipe."""
    arguments = _arguments()
    if arguments.contender:
        print(json.dumps(CONTENDERS[arguments.contender](arguments.recipes[0], _read(arguments.arrays))))
        return
    installed = [name for name in ("keras", "tensorflow", "torch") if find_spec(name)]
    versions = ", ".join(f"{name} {version(name)}" for name in installed)
    machine = f"{platform.machine()}, one of {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}. Python {platform.python_version()}, {versions}.")
    for recipe in arguments.recipes:
        _compare(recipe, arguments.rows, arguments.repeats)


def _compare(recipe: str, rows: int | None, repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        shape = _write(recipe, rows, arrays)
        names = [name for name in CONTENDERS if name != "pytorch" or (recipe == "nsmc_lstm" and find_spec("torch"))]
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(repeats):
            for name in names:
                runs[name].append(_measure(name, recipe, arrays))
    plain = median(run["seconds"] for run in runs["keras"])
    print(f"\n`{recipe}`, {shape[0]:,} reviews of {shape[1]} tokens, {repeats} repeats\n")
    print("| | seconds an epoch | least–most | times plain Keras | test accuracy after it |")
    print("|---|---:|---:|---:|---:|")
    for name, measured in runs.items():
        seconds = [run["seconds"] for run in measured]
        accuracy = median(run["accuracy"] for run in measured)
        spread = f"{min(seconds):.1f}–{max(seconds):.1f}"
        print(f"| {TITLES[name]} | {median(seconds):.1f} | {spread} | {plain / median(seconds):.2f} | {accuracy:.4f} |")


def _measure(name: str, recipe: str, arrays: Path) -> dict[str, float]:
    one = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--contender", name, "--recipes", recipe, "--arrays", str(arrays)]
    environment = {**os.environ, **one, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _write(recipe: str, rows: int | None, path: Path) -> tuple[int, int]:
    from bitjaru.preparation import prepare

    examples = prepare(build(compose_config([f"experiment={recipe}"]))).examples
    held = examples.test or examples.valid or examples.train
    chosen = np.random.default_rng(0).permutation(len(examples.train))[:rows]
    inputs = examples.train.inputs[chosen]
    np.savez(path, x=inputs, y=examples.train.targets[chosen], x_test=held.inputs[:rows], y_test=held.targets[:rows])
    return inputs.shape


def _read(path: str) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _ours(overrides: list[str]) -> Callable[[str, dict[str, Any]], dict[str, float]]:
    def epoch(recipe: str, arrays: dict[str, Any]) -> dict[str, float]:
        parts = build(compose_config([f"experiment={recipe}", *overrides]))
        import keras

        from bitjaru.batches import Batches
        from bitjaru.model import build_model

        keras.utils.set_random_seed(1)
        length = None if parts.trims else arrays["x"].shape[1]
        model = build_model(
            parts.task,
            parts.architecture,
            parts.optimizer,
            vocabulary_size=int(arrays["x"].max()) + 1,
            length=length,
        )
        model.steps_per_execution = parts.trainer.steps_per_execution
        held = Batches(Examples(arrays["x"], arrays["y"]), trim=parts.trims)
        warm_up = held.epoch(parts.trainer.batches, parts.trainer.batch_size, seed=1, epoch=0)
        model.fit(warm_up.take(WARM_UP * parts.trainer.steps_per_execution), shuffle=False, verbose=0)
        started = time.perf_counter()
        batches = held.epoch(parts.trainer.batches, parts.trainer.batch_size, seed=1, epoch=1)
        model.fit(batches, shuffle=False, verbose=0)
        seconds = time.perf_counter() - started
        test = Batches(Examples(arrays["x_test"], arrays["y_test"]), trim=parts.trims).plain()
        return {"seconds": seconds, "accuracy": model.evaluate(test, verbose=0)[1]}

    return epoch


CONTENDERS: dict[str, Callable[[str, dict[str, Any]], dict[str, float]]] = {
    "keras": keras_epoch,
    "exact": _ours(EXACT),
    "fast": _ours(FAST),
    "pytorch": torch_epoch,
}
TITLES = {
    "keras": "plain Keras",
    "exact": "bitjaru, the same mathematics",
    "fast": "bitjaru, fast",
    "pytorch": "PyTorch, sparse embedding",
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--rows", type=int, help="of the training part and of the test part; all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--contender", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--arrays", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
