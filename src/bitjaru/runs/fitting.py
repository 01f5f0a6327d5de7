"""From prepared data to a model that has learned from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bitjaru.configuration import Parts
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
    """Trains the network that the parts describe.

    Raises:
        ConfigError: If the architecture does not suit the data.
        TrainingError: If the loss is not a number.
    """
    from bitjaru.runs import run_report

    model = build_network(parts, data)
    from bitjaru.training.epochs import Training  # TensorFlow has been started by now

    record.weights = model.count_params()
    run_report.write_layers(model, folder)
    training = Training(parts.trainer, model, data.examples, parts.task, seed=parts.settings.seed, folder=folder)
    tracked = record.tracked
    record.fit = training.run([tracked.log, EpochLines(parts.trainer.epochs), *listeners], begun=tracked.send_meanwhile)
    vocabularies = {name: view.vocabulary for name, view in data.views.items()}
    network = Network(parts.task, parts.reading, vocabularies, model)
    return Fitted(network, network.predict, model.output_shape[-1], record.fit)


def build_network(parts: Parts, data: "Prepared") -> "keras.Model":
    """Builds the run's Keras model, with the weights that its seed gives."""
    start_tensorflow()
    import keras

    from bitjaru.training.model import build_model

    keras.backend.clear_session()  # earlier runs of this process would leave their graphs behind
    keras.utils.set_random_seed(parts.settings.seed)
    sizes = {name: len(view.vocabulary) for name, view in data.views.items()}
    return build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=parts.trimmed)
