"""Embeddings, encoders and head become one Keras model."""

from collections.abc import Mapping

import keras

from bitjaru.architectures.layers import Columns
from bitjaru.architectures.views import Reading, View
from bitjaru.optimizers import Optimizer
from bitjaru.tasks import Task


def build_model(
    task: Task,
    reading: Reading,
    optimizer: Optimizer,
    *,
    vocabulary_sizes: Mapping[str, int],
    trimmed: Mapping[str, bool],
) -> keras.Model:
    """Builds and compiles a model from ids (B, T) to probabilities (B, O).

    Args:
        task: Gives the head, the loss and the metrics.
        reading: Gives the views, each with its embedding and its encoder; T is the columns of all of them.
        optimizer: Makes the optimizer.
        vocabulary_sizes: V of each view.
        trimmed: Whether the encoder of each view takes batches of any length.

    Raises:
        ConfigError: If a sequence is too short for an encoder.
    """
    (first, *others) = reading.views
    any_length = not others and trimmed[first]
    ids = keras.Input((None if any_length else reading.length,), dtype="int32", name="ids")
    if others:
        features = _joined(ids, reading, vocabulary_sizes, trimmed)
    elif reading.readout is None:
        features = _encoded(ids, reading.views[first], vocabulary_sizes[first])
    else:
        features = _encoder(first, reading.views[first], vocabulary_sizes[first], ids.shape[1])(ids)
    probabilities = task.head(reading.read(features), vocabulary_size=vocabulary_sizes[first])
    model = keras.Model(ids, probabilities)
    model.compile(optimizer=optimizer.build(), loss=task.loss, metrics=list(task.metrics))
    return model


def _encoded(ids: keras.KerasTensor, view: View, vocabulary_size: int) -> keras.KerasTensor:
    return view.encoder.features(view.encoder.embedding.embed(ids, vocabulary_size=vocabulary_size))


def _encoder(name: str, view: View, vocabulary_size: int, length: int | None) -> keras.Model:
    """A model of its own: its layers have the names that they have alone, whatever stands around it."""
    ids = keras.Input((length,), dtype="int32", name="ids")
    return keras.Model(ids, _encoded(ids, view, vocabulary_size), name=name)


def _joined(
    ids: keras.KerasTensor, reading: Reading, vocabulary_sizes: Mapping[str, int], trimmed: Mapping[str, bool]
) -> keras.KerasTensor:
    """Each view reads its own columns."""
    features = []
    for name, columns in reading.columns.items():
        view = reading.views[name]
        trim = view.padding if trimmed[name] else None
        encoder = _encoder(name, view, vocabulary_sizes[name], None if trim else view.max_len)
        features.append(encoder(Columns(columns.start, columns.stop, trim, name=f"{name}_ids")(ids)))
    return keras.layers.Concatenate(name="views")(features)
