"""A training step whose loss says more than Keras's: smoothed labels, and words that are moved against the model."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from bitjaru.architectures.layers import Embedding

TINY = 1e-12


class Step:
    """Takes the place of a compiled model's `train_step`; what the model is and how it is saved does not change.

    `train_loss` stays the loss of the true labels and of the words as they are.

    Args:
        model: Compiled, for classes where labels are smoothed.
        label_smoothing: Share of each label that is given to all classes alike (Szegedy et al. 2016).
        adversarial_epsilon: How far the embedded words of each review are moved along the gradient of its loss (Miyato,
            Dai & Goodfellow 2017), in root mean squares of the embedded numbers: the loss of the moved words is added,
            in about twice the time. 0: not at all.
    """

    def __init__(self, model: keras.Model, *, label_smoothing: float, adversarial_epsilon: float) -> None:
        self._model = model
        self._smoothing, self._epsilon = label_smoothing, adversarial_epsilon
        self._embeddings = embeddings(model)

    def __call__(self, data: Any) -> Any:
        """Takes one step; returns the metrics so far."""
        model = self._model
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            probabilities = model(inputs, training=True)
            loss = self._loss(inputs, targets, probabilities, weights)
        embedded = [layer.embedded for layer in self._embeddings]
        gradients = tape.gradient(loss, [*model.trainable_variables, *(embedded if self._epsilon else [])])
        of_weights = gradients[: len(model.trainable_variables)]
        if self._epsilon:
            moved = self._of_moved_words(inputs, targets, weights, gradients[len(of_weights) :])
            of_weights = [_sum(*pair) for pair in zip(of_weights, moved, strict=True)]
        model.optimizer.apply_gradients(zip(of_weights, model.trainable_variables, strict=True))
        plain = model.compute_loss(inputs, targets, probabilities, weights, training=True)
        for metric in model.metrics:
            if metric.name == "loss":
                metric.update_state(plain, sample_weight=tf.shape(targets)[0])
        return model.compute_metrics(inputs, targets, probabilities, sample_weight=weights)

    def _of_moved_words(self, inputs: Any, targets: Any, weights: Any, directions: Sequence[Any]) -> list[Any]:
        """Returns the gradient of the loss where the embedded words are moved, each review by `epsilon`."""
        try:
            for layer, direction in zip(self._embeddings, directions, strict=True):
                layer.moved_by = moved_by(self._epsilon, layer.embedded, direction)
            with tf.GradientTape() as tape:
                probabilities = self._model(inputs, training=True)
                loss = self._loss(inputs, targets, probabilities, weights)
            gradients: list[Any] = tape.gradient(loss, self._model.trainable_variables)
        finally:
            for layer in self._embeddings:
                layer.moved_by = None
        return gradients

    def _loss(self, inputs: Any, targets: Any, probabilities: Any, weights: Any) -> Any:
        if self._smoothing and probabilities.shape[-1] > 1:
            return self._smoothed(targets, probabilities, weights)
        if self._smoothing:
            targets = tf.cast(targets, probabilities.dtype) * (1 - self._smoothing) + self._smoothing / 2
        return self._model.compute_loss(inputs, targets, probabilities, weights, training=True)

    def _smoothed(self, targets: Any, probabilities: Any, weights: Any) -> Any:
        classes = probabilities.shape[-1]
        right = tf.one_hot(tf.cast(tf.reshape(targets, (-1,)), tf.int32), classes, dtype=probabilities.dtype)
        soft = right * (1 - self._smoothing) + self._smoothing / classes
        return keras.losses.CategoricalCrossentropy()(soft, probabilities, sample_weight=weights)


def moved_by(epsilon: float, embedded: Any, direction: Any) -> Any:
    """Returns how the embedded words (B, T, E) of each review are moved along a direction (B, T, E).

    The paper moves embeddings of unit variance. Here they have another one, which grows while they learn.
    """
    length = tf.sqrt(tf.reduce_sum(tf.square(direction), axis=(1, 2), keepdims=True) + TINY)
    return tf.stop_gradient(epsilon * tf.sqrt(tf.reduce_mean(tf.square(embedded))) * direction / length)


def embeddings(model: keras.Model) -> list[Embedding]:
    """Returns the learned embeddings of a model, those of its views among them."""
    return [layer for layer in model._flatten_layers() if isinstance(layer, Embedding)]


def _sum(one: Any, other: Any) -> Any:
    """Adds two gradients of one variable; of an embedding, rows stay rows."""
    if one is None or other is None:
        return one if other is None else other
    if not isinstance(one, tf.IndexedSlices) or not isinstance(other, tf.IndexedSlices):
        return tf.convert_to_tensor(one) + tf.convert_to_tensor(other)
    return tf.IndexedSlices(
        tf.concat([one.values, other.values], axis=0),
        tf.concat([one.indices, other.indices], axis=0),
        dense_shape=one.dense_shape,
    )
