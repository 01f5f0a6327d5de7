"""A PyTorch program: two models with knobs of their own, trained epoch by epoch, each reported."""

import hydra
import torch
from omegaconf import DictConfig
from torch import nn

import bitjaru

EPOCHS = 8


def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Makes up 600 points of two classes, (600, 20) and (600,)."""
    points = torch.randn(600, 20, generator=torch.Generator().manual_seed(0))
    return points, (points[:, :3].sum(dim=1) + points[:, 3] * points[:, 4] > 0).float()


def model(config: DictConfig) -> nn.Module:
    """Makes the model that the config names."""
    if config.model.name == "linear":
        return nn.Linear(20, 1)
    return nn.Sequential(nn.Linear(20, config.model.units), nn.ReLU(), nn.Linear(config.model.units, 1))


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config: DictConfig) -> float:
    """Returns the accuracy on the last 200 points."""
    torch.manual_seed(0)
    points, labels = data()
    learner, accuracy = model(config), 0.0
    optimizer = torch.optim.AdamW(learner.parameters(), lr=config.model.rate)
    for epoch in range(1, EPOCHS + 1):
        for batch in torch.randperm(400).split(32):
            optimizer.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(learner(points[batch])[:, 0], labels[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = float(((learner(points[400:])[:, 0] > 0) == (labels[400:] > 0)).float().mean())
        bitjaru.report(epoch, accuracy)
    return accuracy


if __name__ == "__main__":
    main()
