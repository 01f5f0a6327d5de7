"""Examples as TensorFlow reads them."""

from typing import Any

import numpy as np
import tensorflow as tf

from bitjaru.examples import Examples

EVALUATION_BATCH = 512  # no gradients are kept, so larger batches than in training fit and are quicker


def epoch_batches(examples: Examples, batch_size: int, *, seed: int, epoch: int) -> "tf.data.Dataset[Any]":
    """Returns the batches of one epoch, shuffled by `seed` and `epoch` and by nothing else."""
    order = np.random.default_rng([seed, epoch]).permutation(len(examples))
    return _dataset(examples.inputs[order], examples.targets[order], batch_size)


def plain_batches(examples: Examples) -> "tf.data.Dataset[Any]":
    """Returns the examples in their order, for evaluation."""
    return _dataset(examples.inputs, examples.targets, EVALUATION_BATCH).cache()


def _dataset(inputs: Any, targets: Any, batch_size: int) -> "tf.data.Dataset[Any]":
    return tf.data.Dataset.from_tensor_slices((inputs, targets)).batch(batch_size).prefetch(tf.data.AUTOTUNE)
