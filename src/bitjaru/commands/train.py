"""`bitjaru train`, and what a project's `train.py` is: one run, a grid or a search, composed by Hydra."""

import os
import sys
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from bitjaru import project
from bitjaru.command_line import explained_errors, say_project
from bitjaru.commands import help_page, hydra_settings
from bitjaru.config_values import choose

OWN_FILE = "dataset=file"  # `preparation.own_reviews` says it too, which takes long to import


def train(config: DictConfig) -> float | None:
    """Runs one job and returns its validation objective, the number that a sweeper sees."""
    from bitjaru.runs.hydra_job import (
        run_job,  # here, because Hydra finds a group or an option that does not exist without it
    )

    if HydraConfig.get().mode != RunMode.RUN:
        return run_job(config)  # its error is the sweeper's
    with explained_errors():  # else Hydra says all overrides before the one sentence
        return run_job(config)


def _complete() -> None:
    """Adds what a command for a file of one's own reviews leaves open."""
    if OWN_FILE not in sys.argv:
        return
    import logging

    from bitjaru.preparation.own_reviews import completed

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    sys.argv[1:] = completed(sys.argv[1:])
    logging.getLogger().handlers.clear()  # Hydra's own are on their way


def main(program: str | None = None) -> None:
    """Shows the options, or trains.

    Args:
        program: The file of a project's own `train.py`, whose folder is the project.
    """
    if program is not None:
        os.environ.setdefault(project.HOME, str(Path(program).resolve().parent))
    if help_page.is_asked_for(sys.argv[1:]):
        sys.stdout.write(help_page.text(project.conf_folders()) + "\n")
        return
    # As `bitjaru.configuration` does, which takes half of a config error's time to import.
    OmegaConf.register_new_resolver("project", lambda: str(project.home()), replace=True)
    OmegaConf.register_new_resolver("search_path", project.search_path, replace=True)
    OmegaConf.register_new_resolver("choose", choose, replace=True)
    project.make_importable()
    with explained_errors(), hydra_settings.checked():
        say_project()
        _complete()
        hydra.main(version_base="1.3", config_path=str(project.conf()), config_name="config")(train)()


if __name__ == "__main__":
    main()
