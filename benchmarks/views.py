"""An epoch of the bag of n-grams beside plain Keras, and one of three views beside the sum of its parts.

    BITJARU_DATA=… python benchmarks/views.py [--rows 10000] [--batch-size 128] [--repeats 3]

NSMC's first training reviews. The bag hashes n-grams of 1 to 4 characters to 2^20 ids, 64 numbers each. Plain Keras
reads the same ids: `Embedding`, the mean over the tokens, one unit, Adam, `fit`. The views are those of
`experiment=nsmc_best`, without adversarial training. PyTorch joins where it is installed (`pip install -e .[bench]`),
with sparse gradients, and batches cut to their longest review. Contenders take turns; each epoch comes after one, or
after some steps, that warm up, and medians count.
"""

import argparse
import time
from collections.abc import Iterable
from importlib.util import find_spec
from statistics import median

import numpy as np
from goals import at_least, at_most, print_goals
from views_peers import VIEWS, keras_epoch, torch_epoch

from bitjaru.configuration import build, compose_config
from bitjaru.preparation.prepare import Prepared, prepare
from bitjaru.runs.fitting import build_network
from bitjaru.training.input_pipeline import Batches
from bitjaru.training.tensorflow_start import start_tensorflow

SIZE = 2**20
NSMC = ("dataset=nsmc", "tokenizer=character", "dataset.minimum_tokens=1", "trainer=fast", "optimizer=lazy_adam")
HASHED = ("architecture.views.ngrams.vocabulary=hashed", f"architecture.views.ngrams.vocab_size={SIZE}")
BAG = ("architecture=ngrams", *HASHED)
TORCH = find_spec("torch") is not None


def main() -> None:
    """Prints two tables and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    start_tensorflow()
    shared = (*NSMC, f"dataset.rows={asked.rows}", f"trainer.batch_size={asked.batch_size}")
    data = prepare(build(compose_config([*shared, *BAG])))
    bags: dict[str, list[float]] = {name: [] for name in ("plain Keras", "bitjaru", *(["PyTorch"] if TORCH else []))}
    for _ in range(asked.repeats):
        bags["plain Keras"].append(keras_epoch(data.examples.train, SIZE, asked.batch_size))
        bags["bitjaru"].append(epoch((*shared, *BAG), data))
        if TORCH:
            bag = {"ngrams": (data.examples.train.inputs.shape[1], SIZE)}
            bags["PyTorch"].append(torch_epoch(data.examples.train, bag, asked.batch_size))
    wanted = {name: of_views([name]) for name in VIEWS} | {"three views": of_views(VIEWS)}
    found: dict[str, list[float]] = {name: [] for name in (*wanted, *(["three views, PyTorch"] if TORCH else []))}
    three = prepare(build(compose_config([*shared, *of_views(VIEWS)])))
    for _ in range(asked.repeats):
        for name, overrides in wanted.items():
            found[name].append(epoch((*shared, *overrides)))
        if TORCH:
            found["three views, PyTorch"].append(torch_epoch(three.examples.train, VIEWS, asked.batch_size))
    table(f"An epoch of the bag over {len(data.examples.train):,} reviews", bags)
    table("An epoch of each view, and of the three in one model", found)
    faster = median(bags["plain Keras"]) / median(bags["bitjaru"])
    parts = sum(median(found[name]) for name in VIEWS)
    print_goals(
        [
            at_least("an epoch of the bag", "plain Keras", 5, faster),
            at_most("three views in one model", "the sum of their parts", 1, median(found["three views"]) / parts),
        ]
    )


def of_views(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the overrides that choose these views."""
    return ("architecture=views", f"architecture/view@architecture.views=[{','.join(names)}]")


def epoch(overrides: Iterable[str], data: Prepared | None = None) -> float:
    """Returns the seconds of the second epoch."""
    parts = build(compose_config(list(overrides)))
    data = data or prepare(parts)
    model = build_network(parts, data)
    model.steps_per_execution = parts.trainer.steps_per_execution
    batches = Batches(data.examples.train, trim=parts.trims)
    for number in (1, 2):
        each = batches.epoch(parts.trainer.batches, parts.trainer.batch_size, seed=1, epoch=number)
        started = time.perf_counter()
        model.fit(each, shuffle=False, verbose=0)
    return time.perf_counter() - started


def table(title: str, seconds: dict[str, list[float]]) -> None:
    """Prints medians and ranges."""
    print(f"{title}\n\n| | seconds | range |\n|---|---:|---|")
    for name, each in seconds.items():
        print(f"| {name} | {np.median(each):.2f} | {min(each):.2f}–{max(each):.2f} |")
    print()


if __name__ == "__main__":
    main()
