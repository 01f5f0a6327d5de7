"""Embedding, architecture and head become one Keras model."""

import keras

from bitjaru.architectures import Architecture
from bitjaru.optimizers import Optimizer
from bitjaru.tasks import Task


def build_model(
    task: Task, architecture: Architecture, optimizer: Optimizer, *, vocabulary_size: int, length: int | None
) -> keras.Model:
    """Builds and compiles a model from ids (B, T) to probabilities (B, O).

    Args:
        task: Gives the head, the loss and the metrics.
        architecture: Gives the embedding and everything between it and the head.
        optimizer: Makes the optimizer.
        vocabulary_size: V.
        length: T; None for batches of any length.

    Raises:
        ConfigError: If the sequence is too short for the architecture.
    """
    ids = keras.Input((length,), dtype="int32", name="ids")
    embedded = architecture.embedding.embed(ids, vocabulary_size=vocabulary_size)
    probabilities = task.head(architecture.features(embedded), vocabulary_size=vocabulary_size)
    model = keras.Model(ids, probabilities)
    model.compile(optimizer=optimizer.build(), loss=task.loss, metrics=list(task.metrics))
    return model
