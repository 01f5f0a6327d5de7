"""Examples as TensorFlow reads them."""

from typing import Any

import numpy as np
import tensorflow as tf

from bitjaru.data.examples import Examples, filled_columns
from bitjaru.data.vocabulary import PADDING
from bitjaru.training.batches import Batching, Rows

EVALUATION_BATCH = 512  # no gradients are kept, so larger batches than in training fit and are quicker
AHEAD = 16  # batches that are gathered before they are asked for; they are small


class Batches:
    """The examples of one part, held by TensorFlow once for all epochs.

    Args:
        examples: Inputs (N, T) and targets (N,).
        trim: Whether each batch is cut to the columns that its examples fill. Its shape is then (B, None), so that
            batches of all lengths share one graph.
        autotune: Whether TensorFlow tunes what makes the batches. There is nothing to gain here, and a lot to lose: the
            thread that tunes sleeps 10 ms, then twice as long each time, and the end of an epoch may wait for it to
            wake: up to twice as long as the epoch itself takes (`benchmarks/tuning.py`).
    """

    def __init__(self, examples: Examples, *, trim: bool, autotune: bool = False) -> None:
        with tf.device("CPU"):
            self._inputs, self._targets = tf.constant(examples.inputs), tf.constant(examples.targets)
        self._first, self._end = filled_columns(examples.inputs)
        self._lengths = (examples.inputs != PADDING).sum(axis=1)  # of several views together
        self._trim = trim
        self._options = tf.data.Options()
        self._options.autotune.enabled = autotune

    def epoch(self, batching: Batching, batch_size: int, *, seed: int, epoch: int) -> "tf.data.Dataset[Any]":
        """Returns the batches of one epoch, in an order that comes from `seed` and `epoch` and from nothing else."""
        random = np.random.default_rng([seed, epoch])
        return self._dataset(batching.order(self._lengths, batch_size, random), batch_size)

    def plain(self, batch_size: int = EVALUATION_BATCH) -> "tf.data.Dataset[Any]":
        """Returns the examples for evaluation, of like length together: quicker where padding is skipped."""
        order = np.argsort(self._lengths, kind="stable")
        return self._dataset(order, batch_size).cache()

    def _dataset(self, order: Rows, batch_size: int) -> "tf.data.Dataset[Any]":
        starts = np.arange(0, len(order), batch_size)
        end = np.maximum(np.maximum.reduceat(self._end[order], starts), 1)  # one column where all are empty
        first = np.minimum(np.minimum.reduceat(self._first[order], starts), end - 1)
        inputs, targets, trim = self._inputs, self._targets, self._trim

        def gather(rows: Any, first: Any, end: Any) -> Any:
            ids = tf.gather(inputs, rows)
            return (ids[:, first:end] if trim else ids), tf.gather(targets, rows)

        rows = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        columns = tf.data.Dataset.from_tensor_slices((first, end))
        batches = tf.data.Dataset.zip((rows, columns)).map(lambda rows, columns: gather(rows, *columns))
        return batches.prefetch(AHEAD).with_options(self._options)
