"""One run, a grid or a search: `python train.py --help` shows the options, `bitjaru ui` the results."""

import hydra
from omegaconf import DictConfig

from bitjaru.command_line import explained_errors
from bitjaru.configuration import register_resolvers
from bitjaru.job import run_job


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def train(config: DictConfig) -> float | None:
    """Runs one job and returns its validation objective, the number that a sweeper sees."""
    return run_job(config)


if __name__ == "__main__":
    register_resolvers()
    with explained_errors():
        train()
