"""From prepared data to a model that has learned from it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from bitjaru.architectures import FittedAtOnce
from bitjaru.configuration import Parts
from bitjaru.data import FloatArray
from bitjaru.errors import Stop
from bitjaru.models import TextModel
from bitjaru.models.network import Network
from bitjaru.runs.record import Record
from bitjaru.tasks import Predict
from bitjaru.terminal import EpochLines
from bitjaru.training import Listener
from bitjaru.training.tensorflow_start import start_tensorflow

if TYPE_CHECKING:
    import keras

    from bitjaru.preparation.prepare import Prepared
    from bitjaru.training.fit import Fit


@dataclass(frozen=True)
class Fitted:
    """A model that has learned.

    Attributes:
        model: Answers texts.
        predict: The same, of inputs as they were prepared.
        outputs: O.
        fit: How it learned.
    """

    model: TextModel
    predict: Predict
    outputs: int
    fit: "Fit"


def fit(parts: Parts, data: "Prepared", record: Record, listeners: Sequence[Listener], folder: Path) -> Fitted:
    """Makes the model that the parts describe, and lets it learn.

    Raises:
        ConfigError: If the architecture does not suit the data.
        DataError: If nothing can be learned from it.
        TrainingError: If the loss is not a number.
    """
    hearing: list[Listener] = [record.tracked.log, EpochLines(epochs_of(parts)), *listeners]
    if isinstance(parts.architecture, FittedAtOnce):
        return _fit_at_once(parts.architecture, parts, data, record, hearing, folder)
    return _train(parts, data, record, hearing, folder)


def epochs_of(parts: Parts) -> int:
    """Returns how many epochs there may be."""
    return 1 if isinstance(parts.architecture, FittedAtOnce) else parts.trainer.epochs


def _train(parts: Parts, data: "Prepared", record: Record, listeners: Sequence[Listener], folder: Path) -> Fitted:
    from bitjaru.runs import run_report

    model = build_network(parts, data)
    from bitjaru.training.epochs import Training  # TensorFlow has been started by now

    record.weights = model.count_params()
    run_report.write_layers(model, folder)
    training = Training(parts.trainer, model, data.examples, parts.task, seed=parts.settings.seed, folder=folder)
    record.fit = training.run(listeners, begun=record.tracked.send_meanwhile)
    vocabularies = {name: view.vocabulary for name, view in data.views.items()}
    network = Network(parts.task, parts.reading, vocabularies, model)
    return Fitted(network, network.predict, model.output_shape[-1], record.fit)


def _fit_at_once(
    architecture: FittedAtOnce,
    parts: Parts,
    data: "Prepared",
    record: Record,
    listeners: Sequence[Listener],
    folder: Path,
) -> Fitted:
    """Fits a model of texts; those who listen hear of one epoch."""
    from bitjaru.models.linear import LinearModel
    from bitjaru.runs import run_report
    from bitjaru.training.evaluation import evaluate
    from bitjaru.training.fit import Fit

    started = time.perf_counter()
    train, valid = data.examples.train, data.examples.valid
    record.tracked.send_meanwhile()
    fitted = architecture.fit(train.inputs.tolist(), train.targets)
    record.weights = fitted.weights
    run_report.write_ngrams(fitted, data.corpus.classes, folder)

    def predict(inputs: NDArray[Any]) -> FloatArray:
        return fitted.probabilities(inputs.tolist())

    metrics: dict[str, float] = {}
    if valid is not None:
        figures = evaluate(predict, valid, parts.task, outputs=len(fitted.intercept)).metrics
        metrics |= {f"valid_{name}": figures[name] for name in ("loss", parts.task.objective)}
    metrics["seconds"] = time.perf_counter() - started
    record.fit = Fit(history={name: [value] for name, value in metrics.items()}, best_epoch=1, kept_epoch=1)
    try:
        for listener in listeners:
            listener(1, metrics)
    except Stop as stop:
        record.fit.stopped = stop.reason
    return Fitted(LinearModel(fitted), predict, len(fitted.intercept), record.fit)


def build_network(parts: Parts, data: "Prepared") -> "keras.Model":
    """Builds the run's Keras model, with the weights that its seed gives."""
    start_tensorflow()
    import keras

    from bitjaru.training.model import build_model

    keras.backend.clear_session()  # earlier runs of this process would leave their graphs behind
    keras.utils.set_random_seed(parts.settings.seed)
    sizes = {name: len(view.vocabulary) for name, view in data.views.items()}
    return build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=parts.trimmed)
