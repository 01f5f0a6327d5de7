"""A scikit-learn program: two models with knobs of their own, learned in passes that are reported."""

import hydra
import numpy as np
from omegaconf import DictConfig
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier

import bitjaru

PASSES = 8


def data() -> tuple[np.ndarray, np.ndarray]:
    """Makes up 600 points of two classes, (600, 20) and (600,)."""
    random = np.random.default_rng(0)
    points = random.normal(size=(600, 20))
    return points, (points[:, :3].sum(axis=1) + points[:, 3] * points[:, 4] > 0).astype(int)


def model(config: DictConfig) -> SGDClassifier | MLPClassifier:
    """Makes the model that the config names."""
    if config.model.name == "linear":
        return SGDClassifier(loss="log_loss", alpha=config.model.alpha, random_state=0)
    return MLPClassifier((config.model.units,), learning_rate_init=config.model.rate, random_state=0)


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config: DictConfig) -> float:
    """Returns the accuracy on the last 200 points."""
    points, labels = data()
    learner, accuracy = model(config), 0.0
    for number in range(1, PASSES + 1):
        learner.partial_fit(points[:400], labels[:400], classes=[0, 1])
        accuracy = float(learner.score(points[400:], labels[400:]))
        bitjaru.report(number, accuracy)
    return accuracy


if __name__ == "__main__":
    main()
