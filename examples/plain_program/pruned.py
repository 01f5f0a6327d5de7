"""A plain Hydra program that reports its epochs, so that a search can end what is not worth going on with."""

import hydra
from omegaconf import DictConfig

import bitjaru


@hydra.main(version_base="1.3", config_path=None)
def train(config: DictConfig) -> float:
    """Goes towards 1 - rate in ten epochs, and returns where it came to."""
    value = 0.0
    for epoch in range(1, 11):
        value += (1 - config.rate - value) * 0.5
        bitjaru.report(epoch, value)
    return value


if __name__ == "__main__":
    train()
