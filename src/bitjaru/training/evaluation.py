"""What a trained model is worth on one part of the data."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.examples import Examples, filled_columns
from bitjaru.data.vocabulary import PADDING
from bitjaru.tasks import Predict, Task

if TYPE_CHECKING:
    import keras

BATCH = 256
FLOAT = 4
ONE_HOT = 2**23  # bytes of one-hot vectors that are made at a time
TIMED_REVIEWS = 1024  # asked about together, as a file of them would be: sorted by length within
REPEATS, ENOUGH = 3, 2.0  # times at most; seconds after which no other is begun
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

    every = model._flatten_layers()
    wide = [layer.vocabulary_size for layer in every if isinstance(layer, OneHot)]
    return max(1, min(most, *(ONE_HOT // (FLOAT * length * width) for width in wide))) if wide else most


def predict(model: "keras.Model", inputs: IntArray) -> FloatArray:
    """Returns the probabilities (N, O) of inputs (N, T).

    Not by `model.predict`, which builds a data pipeline first: that takes far longer than a few reviews.
    """
    step = rows_at_once(model, BATCH, length=inputs.shape[1])
    return answered_by_length(model.predict_on_batch, inputs, step=step, any_length=model.input_shape[1] is None)


def answered_by_length(
    answer: Callable[[IntArray], Any], inputs: IntArray, *, step: int, any_length: bool
) -> FloatArray:
    """Asks about reviews of like length together, since layers may skip the padding that a whole batch has.

    Args:
        answer: Probabilities (B, O) of inputs (B, T).
        inputs: (N, T).
        step: B at most.
        any_length: Whether T may be shorter: then the padding of a whole batch is not asked about at all.

    Returns:
        The probabilities in the order of the inputs, (N, O).
    """
    first, end = filled_columns(inputs)
    order = np.argsort((inputs != PADDING).sum(axis=1), kind="stable")
    answers = []
    for start in range(0, max(len(inputs), 1), step):
        rows = order[start : start + step]
        last = end[rows].max(initial=1)
        columns = slice(first[rows].min(initial=last - 1), last) if any_length else slice(None)
        answers.append(answer(inputs[rows, columns]))
    answered = np.concatenate(answers).astype(np.float64)
    in_order = np.empty_like(answered)
    in_order[order] = answered
    return in_order


def milliseconds_per_review(predict: Predict, examples: Examples) -> float:
    """Measures answering many reviews, without tokenizing: the median of a few times, after one that warms up."""
    inputs = examples.inputs[:TIMED_REVIEWS]
    predict(inputs)
    seconds: list[float] = []
    while len(seconds) < REPEATS and sum(seconds) < ENOUGH:
        started = time.perf_counter()
        predict(inputs)
        seconds.append(time.perf_counter() - started)
    return median(seconds) / len(inputs) * 1000


def evaluate(predict: Predict, examples: Examples, task: Task, *, outputs: int) -> Evaluation:
    """Answers every example and scores the answers.

    Args:
        predict: A model.
        examples: N of them.
        task: Says what is kept of the answers, and scores them.
        outputs: O. Where it is a vocabulary, (N, O) would not fit into memory.
    """
    step = max(BATCH, HELD // outputs)
    kept = np.concatenate(
        [
            task.kept(examples.targets[start : start + step], predict(examples.inputs[start : start + step]))
            for start in range(0, len(examples), step)
        ]
    )
    return _score(task, examples.targets, kept)


def together(task: Task, evaluation: Evaluation, others: Evaluation, rows: NDArray[Any]) -> Evaluation:
    """Scores two evaluations as one.

    Args:
        task: Of both.
        evaluation: Of N examples.
        others: Of M more.
        rows: The places of those M among all N + M, (M,).
    """
    its = np.setdiff1d(np.arange(len(evaluation.targets) + len(rows)), rows)
    order = np.argsort(np.concatenate([its, rows]), kind="stable")
    targets = np.concatenate([evaluation.targets, others.targets])[order]
    return _score(task, targets, np.concatenate([evaluation.kept, others.kept])[order])


def _score(task: Task, targets: IntArray, kept: FloatArray) -> Evaluation:
    return Evaluation(
        metrics=task.score(targets, kept), confusion=task.confusion(targets, kept), kept=kept, targets=targets
    )
