"""Where a search's job folders are: those of its first start, however often it goes on."""

from pathlib import Path

import optuna

from bitjaru.errors import ConfigError
from bitjaru.sweep.space.composition import Composition
from bitjaru.sweep.study.results import BEST
from bitjaru.sweep.study.study import FOLDER


def check_free(folder: Path) -> None:
    """Checks that no other search has put trials into the folder of a new one.

    Raises:
        ConfigError: If one has.
    """
    if (folder / BEST).exists() or (folder / "0").exists():
        raise ConfigError(
            f"`hydra.sweep.dir` must be a folder without trials when a study begins. Received: {folder}, which holds "
            "another search. Name another folder, or go on with that study: hydra.sweeper.study_name=…"
        )


def settle(study: optuna.Study, folder: Path, composition: Composition) -> Path:
    """Notes a new study's folder with it, finds that of one that goes on, and writes Hydra's record of the sweep."""
    if FOLDER not in study.user_attrs:
        study.set_user_attr(FOLDER, str(folder))
    settled = Path(study.user_attrs[FOLDER])
    if settled != folder:
        composition.move(str(settled))
    composition.save(settled)
    return settled
