"""A linear model of a few words, trained in a blink: what needs a server, but no network, is served by it."""

from pathlib import Path

import numpy as np

from bitjaru.configuration import build_part, compose_config
from bitjaru.models.bundle import Bundle
from bitjaru.models.linear import LinearModel

TEXTS = ["great film", "great fun", "bad film", "bad taste"] * 3
LABELS = np.array([1, 1, 0, 0] * 3, np.int32)


def linear_bundle() -> Bundle:
    """Makes one for words."""
    config = compose_config(["architecture=linear", "ngrams.of=words", "ngrams.longest=1"])
    fitted = build_part(config, "architecture").fit(TEXTS, LABELS)
    return Bundle(config, build_part(config, "dataset"), build_part(config, "task"), LinearModel(fitted))


def save_linear(folder: Path) -> Path:
    """Writes what a server needs of the MLflow model around it, and returns its folder."""
    linear_bundle().save(folder / "model" / "data")
    return folder / "model"
