"""A grid's folder: what was asked for, and what of it has not finished."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from omegaconf import OmegaConf

from bitjaru import project
from bitjaru.errors import ConfigError
from bitjaru.files import write_text
from bitjaru.outcome import FILE, Outcome

ASKED = "grid.yaml"
PLACE = "hydra.sweep.dir="
CHECKPOINT = "checkpoint.npz"
Job = Sequence[str]
log = logging.getLogger(__name__)


def write(folder: Path, jobs: Sequence[Job], arguments: Sequence[str]) -> None:
    """Keeps the overrides of each job, and the arguments of the command that they come from."""
    asked = {"arguments": list(arguments), "jobs": [list(job) for job in jobs]}
    write_text(folder / ASKED, OmegaConf.to_yaml(OmegaConf.create(asked)))


def command(folder: Path) -> list[str]:
    """Returns the command that goes on with a grid.

    Raises:
        ConfigError: If the folder holds no grid.
    """
    if not (folder / ASKED).is_file():
        raise ConfigError(
            f"The folder must be that of a grid, with `{ASKED}` in it. Received: {folder}. Grids are below "
            "`multirun/`; a search and finals go on by their own command."
        )
    asked = [str(each) for each in OmegaConf.load(folder / ASKED).arguments]
    others = [each for each in asked if not each.startswith(PLACE)]
    return project.train_command([*others, f"{PLACE}{project.quoted(folder)}"])


def missing(folder: Path, jobs: Sequence[Job]) -> list[int]:
    """Returns the numbers of the jobs that have not finished here, and makes their folders ready.

    A job that kept a checkpoint goes on from it, in the same run; of any other what it left is set aside.

    Raises:
        ConfigError: If the folder holds another grid.
    """
    from bitjaru.tracking.runs import recovery

    if not (folder / ASKED).exists():
        return list(range(len(jobs)))
    begun = [list(job) for job in OmegaConf.load(folder / ASKED).jobs]
    if begun != [list(job) for job in jobs]:
        raise ConfigError(
            f"A grid goes on in its folder only with the same runs. Received: {len(jobs)} runs that are not the "
            f"{len(begun)} of {folder / ASKED}. Leave out `hydra.sweep.dir` for a new grid."
        )
    left = [number for number in range(len(jobs)) if not _finished(folder / str(number))]
    log.info("%d of %d runs have finished already.", len(jobs) - len(left), len(jobs))
    recovery.settle(folder)
    for number in left:
        if not (folder / str(number) / CHECKPOINT).exists():
            recovery.emptied(folder / str(number))
    return left


def stretches(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Yields runs of consecutive numbers: a launcher numbers its jobs from one on."""
    stretch: list[int] = []
    for number in numbers:
        if stretch and number != stretch[-1] + 1:
            yield stretch
            stretch = []
        stretch.append(number)
    if stretch:
        yield stretch


def _finished(folder: Path) -> bool:
    return (folder / FILE).exists() and Outcome.load(folder).status == "FINISHED"
