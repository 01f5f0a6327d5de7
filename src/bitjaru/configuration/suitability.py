"""Parts that are right each by itself, and do not suit each other or this machine."""

from bitjaru.architectures import Architecture
from bitjaru.architectures.embedding import Learned
from bitjaru.configuration.parts import Parts
from bitjaru.errors import ConfigError, TokenizerError
from bitjaru.tasks import Writer


def check(parts: Parts) -> None:
    """Refuses parts that cannot make a run together.

    Raises:
        ConfigError: If the package of a tokenizer that is read with is missing, or parts do not suit each other.
    """
    _check_installed(parts)
    _check_task(parts)
    _ = parts.trimmed  # refuses a trainer that does not suit an encoder
    _check_trainer(parts)


def _check_installed(parts: Parts) -> None:
    """Refuses a tokenizer whose package is missing, before any data is downloaded for it."""
    try:
        for view in parts.reading.views.values():  # Python 3.11 asks for its engine already as a view is made
            _ = view.tokenizer.engine
    except TokenizerError as error:
        raise ConfigError(f"{error} Or add a tokenizer that is installed to the command: `tokenizer=kiwi`.") from error


def _check_task(parts: Parts) -> None:
    if isinstance(parts.task, Writer) and not isinstance(parts.architecture, Architecture):
        raise ConfigError(
            "A task that answers with words needs an architecture that reads with the run's own tokenizer. Received: "
            f"{type(parts.architecture).__name__}. Choose another one, for example `architecture=lstm`."
        )


def _check_trainer(parts: Parts) -> None:
    if parts.trainer.label_smoothing and isinstance(parts.task, Writer):
        raise ConfigError(
            "`trainer.label_smoothing` is for tasks with classes. Received: "
            f"{parts.trainer.label_smoothing} with {type(parts.task).__name__}. Set it to 0."
        )
    views = parts.reading.views
    if not parts.trainer.adversarial_epsilon:
        return
    if fixed := [name for name, view in views.items() if not isinstance(view.encoder.embedding, Learned)]:
        raise ConfigError(
            "`trainer.adversarial_epsilon` moves words in a learned embedding. Received: "
            f"{type(views[fixed[0]].encoder.embedding).__name__}, of {fixed[0]}. Choose "
            "`architecture/embedding=learned`, or set it to 0."
        )
