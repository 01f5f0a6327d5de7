"""What a trained model is worth on one part of the data."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.examples import Examples, filled_columns
from bitjaru.tasks import Task

if TYPE_CHECKING:
    import keras

BATCH = 256
FLOAT = 4
ONE_HOT = 2**23  # bytes of one-hot vectors that are made at a time
TIMED_BATCHES = 3
HELD = 2**23  # probabilities that are held at a time


@dataclass(frozen=True)
class Evaluation:
    """Figures of one part.

    Attributes:
        metrics: `accuracy`, `loss`, … as the task scores them.
        confusion: Counts (C, C), true class by answered class; None where the task has no classes.
        kept: What the task keeps of the probabilities (N, O): (N, K), float64.
        targets: (N,).
    """

    metrics: Mapping[str, float]
    confusion: IntArray | None
    kept: FloatArray
    targets: IntArray


def rows_at_once(model: "keras.Model", most: int, *, length: int) -> int:
    """Returns how many reviews a model is asked about together.

    Args:
        model: Where it makes one-hot vectors, (B, T, V), their bytes decide: any hundred reviews fill the memory.
        most: B for every other model.
        length: T.
    """
    from bitjaru.architectures.layers import OneHot

    wide = [layer.vocabulary_size for layer in model.layers if isinstance(layer, OneHot)]
    return max(1, min(most, *(ONE_HOT // (FLOAT * length * width) for width in wide))) if wide else most


def predict(model: "keras.Model", inputs: IntArray) -> FloatArray:
    """Returns the probabilities (N, O) of inputs (N, T).

    Not by `model.predict`, which builds a data pipeline first: that takes far longer than a few reviews.
    """
    if model.input_shape[1] is None:
        return _predict_cut(model, inputs)
    step = rows_at_once(model, BATCH, length=inputs.shape[1])
    starts = range(0, max(len(inputs), 1), step)
    answers = [model.predict_on_batch(inputs[start : start + step]) for start in starts]
    return np.concatenate(answers).astype(np.float64)


def _predict_cut(model: "keras.Model", inputs: IntArray) -> FloatArray:
    """A model of any length skips padding: it gets reviews of like length together, cut to the longest of them."""
    first, end = filled_columns(inputs)
    order = np.argsort(end - first, kind="stable")
    answers, step = [], rows_at_once(model, BATCH, length=inputs.shape[1])
    for start in range(0, max(len(inputs), 1), step):
        rows = order[start : start + step]
        last = end[rows].max(initial=1)
        answers.append(model.predict_on_batch(inputs[rows, first[rows].min(initial=last - 1) : last]))
    answered = np.concatenate(answers).astype(np.float64)
    in_order = np.empty_like(answered)
    in_order[order] = answered
    return in_order


def milliseconds_per_review(model: "keras.Model", examples: Examples) -> float:
    """Measures answering, without tokenizing: the median of a few batches, after one that warms up."""
    inputs = examples.inputs[:BATCH]
    predict(model, inputs)
    seconds = []
    for _ in range(TIMED_BATCHES):
        started = time.perf_counter()
        predict(model, inputs)
        seconds.append(time.perf_counter() - started)
    return median(seconds) / len(inputs) * 1000


def evaluate(model: "keras.Model", examples: Examples, task: Task) -> Evaluation:
    """Answers every example and scores the answers."""
    # Where O is a vocabulary, (N, O) would not fit into memory.
    step = max(BATCH, HELD // model.output_shape[-1])
    kept = np.concatenate(
        [
            task.kept(examples.targets[start : start + step], predict(model, examples.inputs[start : start + step]))
            for start in range(0, len(examples), step)
        ]
    )
    return Evaluation(
        metrics=task.score(examples.targets, kept),
        confusion=task.confusion(examples.targets, kept),
        kept=kept,
        targets=examples.targets,
    )
