"""One run, a grid or a search: `python train.py --help` shows the options, `bitjaru ui` the results."""

import sys
from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

from bitjaru import project
from bitjaru.command_line import explained_errors
from bitjaru.commands import help_page


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def train(config: DictConfig) -> float | None:
    """Runs one job and returns its validation objective, the number that a sweeper sees."""
    from bitjaru.runs.hydra_job import (
        run_job,  # here, because Hydra finds a group or an option that does not exist without it
    )

    return run_job(config)


def main() -> None:
    """Shows the options, or trains."""
    if help_page.is_asked_for(sys.argv[1:]):
        sys.stdout.write(help_page.text(Path(__file__).with_name("conf")) + "\n")
        return
    # As `bitjaru.configuration` does, which takes half of a config error's time to import.
    OmegaConf.register_new_resolver("project", lambda: str(project.home()), replace=True)
    with explained_errors():
        train()


if __name__ == "__main__":
    main()
