"""What a sweeper itself costs a trial: bare Optuna, this project's sweeper, and the official plugin.

    python benchmarks/sweeper.py [--trials 10 100 1000] [--official PYTHON]

The objective, (x - 2)², takes no time. Each sweeper runs in a process of its own, one trial after the other, with TPE
and a SQLite file; what is counted is the time between the start of the first and the end of the last trial, so start-up
is left out. `--official` names the Python of another environment with hydra-optuna-sweeper (pre-release) in it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import optuna
from goals import Goal, at_most, print_goals

CONF = Path(__file__).resolve().parents[1] / "conf"
APP = """
import hydra
from benchmark_trial import run

@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config):
    return (config.x - 2) ** 2

if __name__ == "__main__":
    main()
"""
TRIAL = """
import contextlib

def run(job, reporter):
    from bitjaru.sweep.execution.jobs import Result
    return Result(((job.config["x"] - 2) ** 2,))

class Platform:
    runner = "benchmark_trial:run"
    warm_up = None
    elsewhere = None
    def directions(self, config): return ("minimize",)
    def data(self, config): return None
    def code(self): return None
    def begin(self, study, folder): pass
    def prepared(self, configs, folder): return contextlib.nullcontext()
    def finish(self, study, folder): pass
    def started(self, job): pass
    def reported(self, number, epoch, value): pass
    def ended(self, ended): pass
"""
BARE = """
import sys, optuna
optuna.logging.set_verbosity(optuna.logging.WARNING)
sampler = optuna.samplers.TPESampler(seed=1, multivariate=True, group=True)
study = optuna.create_study(study_name="s", storage="sqlite:///optuna.db", sampler=sampler)
study.optimize(lambda trial: (trial.suggest_float("x", -5, 5) - 2) ** 2, n_trials=int(sys.argv[1]))
"""
COMMON = (
    "-m",
    "hydra/sweeper=optuna",
    "x=interval(-5,5)",
    "hydra.sweeper.study_name=s",
    "hydra.sweeper.storage=sqlite:///optuna.db",
    "hydra.sweeper.n_jobs=1",
    "hydra.sweep.dir=out",
)
OURS = (
    f"hydra.searchpath=[file://{CONF}]",
    "hydra.sweeper.platform=benchmark_trial:Platform",
    "hydra.sweeper.plots=false",
)


def main() -> None:
    """Prints milliseconds a trial, a row for each number of trials, and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, nargs="+", default=[10, 100, 1_000])
    parser.add_argument("--official", help="Python of an environment with hydra-optuna-sweeper")
    options = parser.parse_args()
    print(
        "Milliseconds a trial\n\n| trials | bare Optuna | bitjaru | in process | official |\n|---:|---:|---:|---:|---:|"
    )
    found = {}
    for trials in sorted(options.trials):
        count = f"hydra.sweeper.n_trials={trials}"
        bare = measure([sys.executable, "bare.py", str(trials)])
        found[trials] = measure([sys.executable, "app.py", *COMMON, *OURS, count])
        inline = measure([sys.executable, "app.py", *COMMON, *OURS, count, "hydra/sweeper/executor=inline"])
        official = f"{measure([options.official, 'app.py', *COMMON, count]):.1f}" if options.official else "–"
        print(f"| {trials:,} | {bare:.1f} | {found[trials]:.1f} | {inline:.1f} | {official} |", flush=True)
    print_goals(goals(found))


def goals(found: Mapping[int, float]) -> list[Goal]:
    """Returns the goals of the most trials against the fewest, from milliseconds a trial."""
    fewest, most = min(found), max(found)
    flat = found[most] / found[fewest] if most > fewest else None
    return [
        at_most(f"cost of a trial at {most:,}", f"at {fewest:,}", 1.2, flat),
        at_most(f"cost of a trial at {most:,}", "", 150, found[most], "ms"),
    ]


def measure(command: Sequence[str]) -> float:
    """Runs a search in an empty folder; returns milliseconds a trial."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conf").mkdir()
        (folder / "conf" / "config.yaml").write_text("x: 0.0\n")
        for file, text in {"app.py": APP, "benchmark_trial.py": TRIAL, "bare.py": BARE}.items():
            (folder / file).write_text(text)
        environment = {**os.environ, "BITJARU_HOME": name}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        trials = optuna.load_study(study_name="s", storage=f"sqlite:///{folder}/optuna.db").trials
    begun = [trial.datetime_start for trial in trials if trial.datetime_start]
    ended = [trial.datetime_complete for trial in trials if trial.datetime_complete]
    return 1000 * (max(ended) - min(begun)).total_seconds() / len(trials)


if __name__ == "__main__":
    main()
