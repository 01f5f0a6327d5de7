"""What the platform costs over the same bare Keras fit, in one process, alternating, tokens from the cache.

    python benchmarks/platform_cost.py [repeats] [override ...]

Bare: the same arrays, `model.fit` on NumPy arrays for the same epochs, `model.predict` on validation and test part.
Platform: `bitjaru.runs.single_run.run` with all that it does: loading, encoding, tracking in MLflow, plots, bundle.
The goal is at most 1 second a run plus 3 % of the fit. Imports are not counted; a first run of each kind warms up.
"""

import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from goals import at_most, print_goals

from bitjaru.configuration import Parts, build, compose_config
from bitjaru.preparation.prepare import Prepared, prepare
from bitjaru.runs import fitting, single_run
from bitjaru.runs.record import Request
from bitjaru.training.tensorflow_start import start_tensorflow


class Seconds(NamedTuple):
    """On the clock, which other programs slow down, and of the processor, which they hardly do."""

    clock: float
    processor: float


OVERRIDES = ["architecture=lstm", "architecture.units=64", "trainer.epochs=5", "trainer.early_stopping.patience=null"]


def main() -> None:
    """Prints a Markdown table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    overrides = sys.argv[2:] or OVERRIDES
    start_tensorflow()
    with tempfile.TemporaryDirectory() as scratch:
        store = [f"tracking.uri=sqlite:///{scratch}/mlflow.db", f"tracking.artifact_root={scratch}/artifacts"]
        config = compose_config([*overrides, *store])
        parts = build(config)
        data = prepare(parts)
        bare, platform = [], []
        for number in range(repeats + 1):
            request = Request(
                config=config, folder=Path(scratch) / str(number), number=None, choices={}, overrides=overrides
            )
            bare.append(measured(partial(fit_bare, parts, data)))
            platform.append(measured(partial(run_quietly, request)))
    report(bare[1:], platform[1:], overrides)  # the first ones warm up


def measured(work: Callable[[], object]) -> Seconds:
    """Returns the seconds that some work takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - clock, time.process_time() - processor)


def run_quietly(request: Request) -> None:
    """Runs an experiment without its tables."""
    with contextlib.redirect_stdout(io.StringIO()):
        single_run.run(request)


def fit_bare(parts: Parts, data: Prepared) -> None:
    """Fits and answers without anything around it."""
    model = fitting.build_network(parts, data)
    train, valid = data.examples.train, data.examples.valid
    model.fit(
        train.inputs,
        train.targets,
        batch_size=parts.trainer.batch_size,
        epochs=parts.trainer.epochs,
        validation_data=None if valid is None else (valid.inputs, valid.targets),
        verbose=0,
    )
    for part, examples in data.examples.items():
        if part != "train":
            model.predict(examples.inputs, batch_size=512, verbose=0)


def report(bare: list[Seconds], platform: list[Seconds], overrides: list[str]) -> None:
    """Prints medians, and what the platform adds."""
    print(f"{' '.join(overrides)}; {len(bare)} repeats, medians\n")
    print("| seconds | bare fit | with the platform | added | allowed (1 s + 3 %) |")
    print("|---|---:|---:|---:|---:|")
    goals = []
    for name in Seconds._fields:
        alone, within = ([getattr(each, name) for each in seconds] for seconds in (bare, platform))
        added = statistics.median(b - a for a, b in zip(alone, within, strict=True))
        alone_median, within_median = statistics.median(alone), statistics.median(within)
        allowed = 1 + 0.03 * alone_median
        print(f"| {name} | {alone_median:.2f} | {within_median:.2f} | {added:.2f} | {allowed:.2f} |")
        goals.append(at_most(f"what the platform adds, {name}", "the same bare fit", round(allowed, 2), added, "s"))
    print_goals(goals)


if __name__ == "__main__":
    main()
