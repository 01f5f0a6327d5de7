"""A grid: every combination of some values, under one parent run, with a comparison at the end.

A grid that was killed goes on in its folder: what has finished is never run again.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from bitjaru import project
from bitjaru.configuration import GROUPS, build
from bitjaru.errors import BitjaruError
from bitjaru.outcome import FILE, Outcome, Status
from bitjaru.runs import description, grid_folder
from bitjaru.runs.record import named
from bitjaru.runs.run_report import show_comparison

if TYPE_CHECKING:
    from bitjaru.tracking.runs.run import Run

Job = Sequence[str]
log = logging.getLogger(__name__)


class GridError(BitjaruError):
    """Some runs of a grid failed; all were tried."""


def run_grid(
    jobs: Sequence[Job],
    *,
    arguments: Sequence[str],
    folder: Path,
    compose: Callable[[Job], DictConfig],
    launch: Callable[[Sequence[Job], int], Sequence[Any]],
) -> Sequence[Any]:
    """Runs the jobs that have not finished in this folder, and compares all.

    Args:
        jobs: The overrides of each job.
        arguments: Of the command that the jobs come from, by which the grid can be taken up again.
        folder: Of the grid; job `n` runs in `folder / str(n)`.
        compose: Composes the config of a job, with Hydra's own node.
        launch: Runs jobs, the first of which has this number, and returns what became of each, as Hydra's `JobReturn`.

    Returns:
        What `launch` returned.

    Raises:
        ConfigError: Before the first job starts, if a value cannot be used.
        GridError: After the last job, if one failed.
    """
    started = time.monotonic()
    configs = [compose(job) for job in _each_value_once(jobs)]
    tasks = {_choices(config)["task"]: build(config).task for config in configs}
    missing = grid_folder.missing(folder, jobs)
    parent = _start(folder, configs, jobs, arguments)
    results: dict[int, Any] = {}
    outcomes: list[Outcome] = []
    try:
        for stretch in grid_folder.stretches(missing):
            launched = launch([[*jobs[number], _parent_override(folder)] for number in stretch], stretch[0])
            results |= zip(stretch, launched, strict=True)
    finally:
        outcomes = list(_outcomes(folder, jobs, results))
        if outcomes:
            groups = show_comparison(outcomes, tasks, folder)
            parent.tag({description.TAG: description.of_group(groups, arguments)})
            if best := description.best_figures(groups):
                parent.log(0, best)
            log.info("All of it in a browser: bitjaru ui")
        _finish(parent, outcomes, len(jobs), time.monotonic() - started)
    if failed := [outcome for outcome in outcomes if outcome.status == "FAILED"]:
        raise GridError(
            f"Every run of a grid should finish. Received: {len(failed)} of {len(jobs)} failed, the others are stored. "
            f"The table above tells why; each run's log is in its folder below {folder}."
        )
    return list(results.values())


def _each_value_once(jobs: Sequence[Job]) -> Iterator[Job]:
    """Yields jobs until every value has been seen: checking all combinations of a large grid takes too long."""
    seen: set[str] = set()
    for job in jobs:
        if not seen.issuperset(job) or not seen:
            seen.update(job)
            yield job


def _choices(config: DictConfig) -> Mapping[str, str]:
    chosen = {group: str(option) for group, option in config.hydra.runtime.choices.items() if group in GROUPS}
    return named(chosen, config)


def _start(folder: Path, configs: Sequence[DictConfig], jobs: Sequence[Job], arguments: Sequence[str]) -> "Run":
    from bitjaru.tracking.runs import recovery
    from bitjaru.tracking.runs.run import Run

    if recovery.holds_run(folder):
        return Run.reopen(folder)
    config = configs[0]
    datasets = list(dict.fromkeys(_choices(each)["dataset"] for each in configs))
    experiment = datasets[0] if len(datasets) == 1 else "comparison"
    own = [str(key) for key in config if key != "hydra"]
    grid_folder.write(folder, jobs, arguments)
    tracking = build(config).tracking
    tracking.prepare(experiment)
    run: Run = tracking.start(
        folder,
        name=f"grid of {len(jobs)} on {', '.join(datasets)}",
        kind="grid",
        experiment=experiment,
        config=OmegaConf.to_container(OmegaConf.masked_copy(config, own), resolve=True),
        tags={"jobs": len(jobs), "overrides": " ".join(_common(jobs))},
    )
    return run


def _common(jobs: Sequence[Job]) -> list[str]:
    return [override for override in jobs[0] if all(override in job for job in jobs)]


def _parent_override(folder: Path) -> str:
    """Hydra sets the variable for the job alone, and `conf/tracking` reads it: no override that is shown or stored."""
    return f"hydra.job.env_set.BITJARU_PARENT={project.quoted(folder)}"


def _outcomes(folder: Path, jobs: Sequence[Job], results: Mapping[int, Any]) -> Iterator[Outcome]:
    """Yields what became of each job that was started."""
    for number, job in enumerate(jobs):
        if (folder / str(number) / FILE).exists():
            yield Outcome.load(folder / str(number))
        elif number in results:
            reason = str(getattr(results[number], "_return_value", "")).splitlines()
            yield Outcome.failed(number=number, overrides=job, reason=reason[0] if reason else "no outcome was written")


def _finish(parent: "Run", outcomes: Sequence[Outcome], jobs: int, seconds: float) -> None:
    counts: Counter[str] = Counter(outcome.status for outcome in outcomes)
    parent.tag({f"runs_{status.lower()}": count for status, count in counts.items()} | {"seconds": f"{seconds:.1f}"})
    if (parent.folder / "report").is_dir():
        parent.artifacts(parent.folder / "report", "report")
    status, reason = _ending(counts, jobs)
    parent.end(status, reason)


def _ending(counts: Mapping[str, int], jobs: int) -> tuple[Status, str | None]:
    if counts["FINISHED"] == jobs:
        return "FINISHED", None
    if counts["FINISHED"] + counts["FAILED"] == jobs:
        return "FAILED", f"{counts['FAILED']} of {jobs} runs failed"
    return "KILLED", "interrupted"
