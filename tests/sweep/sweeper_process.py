"""A whole search in a process of its own, to be killed: `python -m …sweeper_process HOME TRIALS WORKERS`."""

import sys
from pathlib import Path

import optuna

from bitjaru.sweep import building
from bitjaru.sweep.executors import Executor, Sink
from bitjaru.sweep.loop import Loop
from bitjaru.sweep.processes import Processes, Share
from bitjaru.sweep.storage import open_storage, ownership
from bitjaru.sweep.study import open_study

from . import runners
from .searching import IDENTITY, SPACE, Composed, limits

ADDRESS = "sqlite:///mlruns/optuna.db"
SAMPLER = {"_target_": "optuna.samplers.RandomSampler", "seed": 1}


def main(home: Path, trials: int, workers: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with ownership(ADDRESS, "study") as lock:
        storage = open_storage(ADDRESS)
        known = {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage)}
        study = open_study(
            "study",
            storage,
            IDENTITY,
            sampler=building.sampler(SAMPLER, SPACE, trials=known.get("study", 0)),
            pruner=optuna.pruners.NopPruner(),
        )

        def processes(sink: Sink) -> Executor:
            path = f"{runners.__name__}:patient"
            return Processes(path, sink, Share(workers=workers, trials_per_worker=3), lock=lock)

        Loop(study, SPACE, limits(), trials, lambda _, number: Composed(home / str(number), None, {})).run(processes)
    print("complete", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
