"""How long a training will take, from a few measured steps."""

import time
from typing import TYPE_CHECKING

from bitjaru.architectures import FittedAtOnce
from bitjaru.configuration import Parts
from bitjaru.training.tensorflow_start import start_tensorflow

if TYPE_CHECKING:
    from bitjaru.preparation.prepare import Prepared

STEPS = 20
ROWS = 2_000


def seconds_of_training(parts: Parts, data: "Prepared") -> float:
    """Trains a few batches after a warm-up, and reckons all epochs from them.

    Early stopping and pruning can only make it shorter. Validation and loading are not counted.
    """
    if isinstance(parts.architecture, FittedAtOnce):
        return _seconds_of_fitting(parts.architecture, data)
    start_tensorflow()
    from bitjaru.runs.fitting import build_network
    from bitjaru.training.input_pipeline import Batches

    model = build_network(parts, data)
    batches = Batches(data.examples.train, trim=model.input_shape[1] is None).epoch(
        parts.trainer.batches, parts.trainer.batch_size, seed=parts.settings.seed, epoch=1
    )
    warm_up = min(3, len(batches))
    model.fit(batches.take(warm_up), shuffle=False, verbose=0)
    measured = min(STEPS, len(batches))
    started = time.perf_counter()
    model.fit(batches.take(measured), shuffle=False, verbose=0)
    return (time.perf_counter() - started) / measured * len(batches) * parts.trainer.epochs


def _seconds_of_fitting(architecture: FittedAtOnce, data: "Prepared") -> float:
    """Fits some reviews: all of them take longer in proportion."""
    train = data.examples.train
    texts, labels = train.inputs[:ROWS].tolist(), train.targets[:ROWS]
    started = time.perf_counter()
    architecture.fit(texts, labels)
    return (time.perf_counter() - started) * len(train) / len(texts)
