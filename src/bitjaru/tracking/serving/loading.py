"""The model that a server answers with."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bitjaru.errors import BundleError, TokenizerError
from bitjaru.models import manifest
from bitjaru.tracking.serving.settings import Settings

if TYPE_CHECKING:
    from bitjaru.tasks import Answer
    from bitjaru.tracking.models.raw_text import RawText

log = logging.getLogger(__name__)


def load(settings: Settings) -> "RawText":
    """Loads the model in an MLflow model's folder.

    Raises:
        BitjaruError: If it cannot be, or is another one than that which the server was started with.
    """
    from bitjaru.models.bundle import Bundle
    from bitjaru.tracking.models.raw_text import RawText

    folder = Path(settings.folder) / "data"
    if (found := manifest.sum_of(folder)) != settings.manifest:
        raise BundleError(
            f"A server's model must stay the one that it was started with. Received: {folder}, whose manifest is "
            f"{found} now. Start the server again if that is meant."
        )
    return RawText(Bundle.load(folder))


def patient(answers: "Callable[[Sequence[str]], Sequence[Answer]]") -> "Callable[[Sequence[str]], Sequence[Answer]]":
    """Asks a second time where an analyser's process has died: a new one is started then."""

    def again(texts: Sequence[str]) -> "Sequence[Answer]":
        try:
            return answers(texts)
        except TokenizerError as error:
            log.warning("Asking once more: %s", error)
            return answers(texts)

    return again
