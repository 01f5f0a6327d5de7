"""How long the end of a sweep takes: everything that is made of 1,000 runs. The runs are made up.

    python benchmarks/comparison.py [--runs 1000]

A grid's end: the outcomes are read, and the comparison is shown and written as Markdown, CSV and pictures. A search's
end: the same, and the study's results and all of Optuna's pictures. The study is held in memory, as the trials of a
study that were seen to end are. What is left out: copying the files into the tracking store.
"""

import argparse
import contextlib
import dataclasses
import io
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import optuna
from goals import at_most, print_goals
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, create_trial

from bitjaru.configuration import build, compose_config
from bitjaru.outcome import FILE, Outcome
from bitjaru.runs.run_report import show_comparison
from bitjaru.sweep.study import results
from bitjaru.sweep.study.again import Again
from bitjaru.sweep.study.study import OVERRIDES

EPOCHS = 8
CELLS = ("lstm", "gru", "simplernn", "cnn")
SPACE: dict[str, BaseDistribution] = {
    "architecture": CategoricalDistribution(CELLS),
    "architecture.units": IntDistribution(16, 256),
    "optimizer.learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
}


def main() -> None:
    """Prints a Markdown table and the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1_000)
    asked = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcomes = [outcome(number, np.random.default_rng(number)) for number in range(asked.runs)]
        for each in outcomes:
            write(each, folder / str(each.number))
        study = study_of(outcomes)
        seconds = {
            "comparison of a grid": seconds_of(partial(compare, folder)),
            "results of a study": seconds_of(partial(results.write, study, folder, Again(["python", "train.py"]))),
            "pictures of a study": seconds_of(partial(draw, study, folder / "plots")),
        }
    report(seconds, asked.runs)


def outcome(number: int, random: np.random.Generator) -> Outcome:
    """Makes up a run: its validation accuracy rises and levels off, in every tenth it is pruned on the way."""
    pruned = number % 10 == 9
    epochs = np.arange(1, EPOCHS // 2 if pruned else EPOCHS + 1)
    best, noise = random.uniform(0.6, 0.87), random.normal(0, 0.004, (4, len(epochs)))
    accuracy = best - 0.2 * np.exp(-epochs) + noise[0]
    history = {
        "train_loss": 1 - accuracy + noise[1],
        "train_accuracy": accuracy + 0.02 * epochs,
        "valid_loss": 1.1 - accuracy + noise[2],
        "valid_accuracy": accuracy,
        "seconds": 5 + noise[3],
    }
    drawn = (str(random.choice(CELLS)), int(random.integers(16, 256)), float(10 ** random.uniform(-4, -1)))
    return Outcome(
        status="KILLED" if pruned else "FINISHED",
        reason="pruned" if pruned else None,
        number=number,
        choices={"task": "sentiment", "dataset": "nsmc", "tokenizer": "komoran", "architecture": drawn[0]},
        overrides=[f"{key}={value}" for key, value in zip(SPACE, drawn, strict=True)],
        seed=42,
        data_sha256="0" * 64,
        rows={"train": 135_000, "valid": 15_000, "test": 50_000},
        weights=100_000 + number,
        history={name: values.tolist() for name, values in history.items()},
        best_epoch=int(accuracy.argmax()) + 1,
        objective=float(accuracy.max()),
        metrics={} if pruned else {"valid_accuracy": float(accuracy.max()), "test_accuracy": float(accuracy.max())},
        epoch_seconds=5.0,
        seconds=45.0,
        run_id=f"{number:032x}",
    )


def write(outcome: Outcome, folder: Path) -> None:
    """Does what `Outcome.save` does, but does not wait for the disk a thousand times."""
    folder.mkdir()
    (folder / FILE).write_text(json.dumps(dataclasses.asdict(outcome)), encoding="utf-8")


def study_of(outcomes: Sequence[Outcome]) -> optuna.Study:
    """Makes the study that these runs would be the trials of."""
    study = optuna.create_study(direction="maximize")
    study.add_trials([_trial(outcome) for outcome in outcomes])
    return study


def _trial(outcome: Outcome) -> FrozenTrial:
    cell, units, rate = (override.partition("=")[2] for override in outcome.overrides)
    return create_trial(
        state=optuna.trial.TrialState.PRUNED if outcome.reason else optuna.trial.TrialState.COMPLETE,
        value=outcome.objective,
        params={"architecture": cell, "architecture.units": int(units), "optimizer.learning_rate": float(rate)},
        distributions=SPACE,
        user_attrs={OVERRIDES: list(outcome.overrides)},
        intermediate_values=dict(enumerate(outcome.history["valid_accuracy"], start=1)),
    )


def compare(folder: Path) -> None:
    """Does what a grid and a search do at their end."""
    read = [Outcome.load(path.parent) for path in sorted(folder.glob(f"*/{FILE}"))]
    with contextlib.redirect_stdout(io.StringIO()):
        show_comparison(read, {"sentiment": build(compose_config(["dataset=nsmc"])).task}, folder)


def draw(study: optuna.Study, folder: Path) -> None:
    """Does what a search does at its end; it imports the drawing libraries only there."""
    from bitjaru.sweep.plots import study_plots

    study_plots.draw(study, folder)


def seconds_of(work: Callable[[], object]) -> float:
    """Returns the seconds that some work takes, imports included."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report(seconds: dict[str, float], runs: int) -> None:
    """Prints seconds and the goal."""
    print(f"{runs:,} runs, every tenth pruned, {EPOCHS} epochs each\n\n| | seconds |\n|---|---:|")
    for name, value in seconds.items():
        print(f"| {name} | {value:.2f} |")
    total = sum(seconds.values())
    print(f"| all of a search's end | {total:.2f} |")
    grid, what = seconds["comparison of a grid"], f"over {runs:,} runs"
    print_goals(
        [
            at_most("comparison and report of a grid", what, 10, grid, "s"),
            at_most("comparison, results and pictures of a search", what, 10, total, "s"),
        ]
    )


if __name__ == "__main__":
    main()
