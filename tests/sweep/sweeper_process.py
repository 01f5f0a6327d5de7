"""A whole search in a process of its own, to be killed: `python -m …sweeper_process HOME TRIALS WORKERS`."""

import sys
from pathlib import Path

import optuna

from bitjaru.sweep.execution.processes import Processes
from bitjaru.sweep.execution.worker import Task
from bitjaru.sweep.execution.worker_process import Share
from bitjaru.sweep.loop import Loop
from bitjaru.sweep.methods import building
from bitjaru.sweep.space.composition_cache import Composed
from bitjaru.sweep.storage.opening import open_storage
from bitjaru.sweep.storage.ownership import ownership
from bitjaru.sweep.study.study import open_study
from sweep import runners
from sweep.searching import IDENTITY, SPACE, limits

ADDRESS = "sqlite:///mlruns/optuna.db"
SAMPLER = {"_target_": "optuna.samplers.RandomSampler", "seed": 1}


def main(home: Path, trials: int, workers: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with ownership(ADDRESS, "study") as owner:
        storage = open_storage(ADDRESS)
        known = {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage)}
        study = open_study(
            "study",
            storage,
            IDENTITY,
            sampler=building.sampler(SAMPLER, SPACE, trials=known.get("study", 0)),
            pruner=optuna.pruners.NopPruner(),
        )

        loop = Loop(study, SPACE, limits(), trials, lambda _, number: Composed({}, {}, home / str(number)))
        task, share = Task(f"{runners.__name__}:patient"), Share(workers=workers, trials_per_worker=3)
        executor = Processes(task, loop, share, lock=owner.lock)
        try:
            loop.run(executor)
        finally:
            executor.shutdown()
    print("complete", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
