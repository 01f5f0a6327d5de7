"""How many trials a second one search can feed to workers, and whether two hundred of them stay busy.

    python benchmarks/many_workers.py --storage postgresql+psycopg://… [--trials 200] [--workers 1 2 4 8] [--busy 200]

Three knobs, TPE. Trials cost nothing, or sleep for 0.2 seconds; bare Optuna with as many threads stands beside. What
counts is the time from the first trial's start to the last one's end. `--busy` lets that many simulated workers sleep
for 30 seconds a trial, for three rounds and more, and says which share of their time they had a trial.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import optuna
from goals import at_least, print_goals
from simulated import Sleeping, bare, search

from bitjaru.sweep.storage.opening import open_storage

PROGRAM = """
import time
import hydra

@hydra.main(version_base="1.3", config_path=None)
def main(config):
    time.sleep(config.seconds)
    return config.x + config.y

if __name__ == "__main__":
    main()
"""
BARE = """
import sys, time, optuna
optuna.logging.set_verbosity(optuna.logging.WARNING)
name, storage, trials, workers, seconds = sys.argv[1:]
if storage.startswith("journal:"):
    from optuna.storages.journal import JournalFileBackend
    storage = optuna.storages.JournalStorage(JournalFileBackend(storage.removeprefix("journal:")))

def objective(trial):
    x, y = trial.suggest_float("x", -5, 5), trial.suggest_float("y", -5, 5)
    z = trial.suggest_categorical("z", [1, 2, 3])
    time.sleep(float(seconds))
    return x + y

sampler = optuna.samplers.TPESampler(seed=1, multivariate=True, group=True, constant_liar=int(workers) > 1)
study = optuna.create_study(study_name=name, storage=storage, sampler=sampler)
study.optimize(objective, n_trials=int(trials), n_jobs=int(workers))
"""
SLEEP, ROUNDS = 30.0, 3


def main() -> None:
    """Prints the table, the share that was busy, and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--storage", required=True)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--busy", type=int, default=200)
    asked = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    print("Trials a second\n\n| workers | trivial | bare Optuna | of 0.2 s | bare Optuna |\n|---:|---:|---:|---:|---:|")
    ratios = []
    for workers in asked.workers:
        row = []
        for seconds in (0.0, 0.2):
            trials = asked.trials if not seconds else min(asked.trials, 25 * workers)
            ours, beside = (each(asked.storage, trials, workers, seconds) for each in (searched, optimized))
            row += [ours, beside]
            ratios += [ours / beside] if not seconds else []
        print(f"| {workers} | {' | '.join(f'{each:.1f}' for each in row)} |", flush=True)
    share = busy(asked.storage, asked.busy) if asked.busy else None
    if share is not None:
        print(f"\n{asked.busy} workers, 30 s a trial: busy for {share:.1%} of their time.")
    print_goals(
        [
            at_least("trivial trials a second, one worker", "bare Optuna", 1, ratios[0]),
            at_least("share of their time that workers are busy", "", 0.95, share),
        ]
    )


def searched(storage: str, trials: int, workers: int, seconds: float) -> float:
    """Returns trials a second of a plain program in worker processes."""
    name = f"ours-{time.time_ns()}"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.py").write_text(PROGRAM)
        space = ["+x=interval(-5,5)", "+y=interval(-5,5)", "+z=choice(1,2,3)", f"+seconds={seconds}"]
        asked = [f"n_trials={trials}", f"n_jobs={workers}", f"study_name={name}", f"storage={storage}", "plots=false"]
        keys = [f"hydra.sweeper.{each}" for each in asked]
        command = [sys.executable, "program.py", "-m", "hydra/sweeper=bitjaru", "hydra/sweeper/executor=processes"]
        _run([*command, *space, *keys], folder)
    return _rate(name, storage)


def optimized(storage: str, trials: int, workers: int, seconds: float) -> float:
    """Returns trials a second of `study.optimize`."""
    name = f"bare-{time.time_ns()}"
    with tempfile.TemporaryDirectory() as folder:
        _run([sys.executable, "-c", BARE, name, storage, str(trials), str(workers), str(seconds)], folder)
    return _rate(name, storage)


def busy(storage: str, workers: int) -> float:
    """Returns the share of the workers' time in which they had a trial, without the first and the last round."""
    sampler = optuna.samplers.TPESampler(seed=1, multivariate=True, group=True, constant_liar=True)
    study = optuna.create_study(study_name=f"busy-{time.time_ns()}", storage=open_storage(storage), sampler=sampler)
    search(study, workers * (ROUNDS + 1), Sleeping(workers, SLEEP))
    spans = sorted((_seconds(trial.datetime_start), _seconds(trial.datetime_complete)) for trial in study.trials)
    low, high = spans[workers][0], spans[-1][0]
    within = sum(max(0.0, min(end, high) - max(begin, low)) for begin, end in spans)
    return within / (workers * (high - low))


def _seconds(when: Any) -> float:
    return float(when.timestamp())


def _run(command: Sequence[str], folder: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2_000:] + done.stderr[-2_000:])


def _rate(name: str, storage: str) -> float:
    trials = optuna.load_study(study_name=name, storage=bare(storage)).trials
    begun = [_seconds(trial.datetime_start) for trial in trials]
    ended = [_seconds(trial.datetime_complete) for trial in trials]
    return len(trials) / (max(ended) - min(begun))


if __name__ == "__main__":
    main()
