"""A plain Hydra program: a config in, a number out."""

import hydra
from omegaconf import DictConfig


@hydra.main(version_base="1.3", config_path=None)
def sphere(config: DictConfig) -> float:
    """Returns a value that is lowest where x is 1 and y is -2."""
    return float((config.x - 1) ** 2 + (config.y + 2) ** 2)


if __name__ == "__main__":
    sphere()
