"""A grid's folder: what was asked for, and what of it has not finished."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from bitjaru import project
from bitjaru.errors import BundleError, ConfigError
from bitjaru.files import sealed, unsealed, write_text
from bitjaru.outcome import FILE, Outcome

ASKED = "grid.yaml"
PLACE = "hydra.sweep.dir="
CHECKPOINT = "checkpoint.npz"
Job = Sequence[str]
log = logging.getLogger(__name__)


def write(folder: Path, jobs: Sequence[Job], arguments: Sequence[str]) -> None:
    """Keeps the overrides of each job, and the arguments of the command that they come from."""
    asked = sealed({"arguments": list(arguments), "jobs": [list(job) for job in jobs]})
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
    asked = [str(each) for each in _asked(folder)["arguments"]]
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
    begun = [list(job) for job in _asked(folder)["jobs"]]
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


def _asked(folder: Path) -> dict[str, list[Any]]:
    try:
        asked = unsealed(OmegaConf.to_container(OmegaConf.load(folder / ASKED)))
        if not all(isinstance(asked[name], list) for name in ("arguments", "jobs")):
            raise ValueError("it does not list its arguments and jobs")
        return asked
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError, OmegaConfBaseException) as error:
        why = " ".join(str(error).split())
        raise ConfigError(
            f"`{folder / ASKED}` must hold what the grid was asked for. Received: {why}. Restore the file, or begin a "
            "new grid without `hydra.sweep.dir`."
        ) from error


def _finished(folder: Path) -> bool:
    if not (folder / FILE).exists():
        return False
    try:
        return Outcome.load(folder).status == "FINISHED"
    except BundleError as error:
        log.warning("A run is run again, since what is left of it is damaged: %s", error)
        return False
