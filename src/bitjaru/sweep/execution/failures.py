"""Why a trial failed, in one word that can be counted, and whether trying again makes sense."""

import re
import signal
import traceback
from dataclasses import dataclass

from bitjaru.errors import ConfigError, TrainingError, is_for_want_of_room

OUT_OF_MEMORY, NOT_A_NUMBER, TIMEOUT, SHAPE, JVM, KILLED, CONFIG, NO_VALUE, NODE, DISK, OTHER = (
    "oom",
    "nan",
    "timeout",
    "shape",
    "jvm",
    "killed",
    "config",
    "no value",
    "node",
    "disk",
    "other",
)
TRANSIENT = frozenset({OUT_OF_MEMORY, JVM, KILLED, NODE})

# Keras, TensorFlow and the JVM bridge are not imported here: their exceptions are known by name.
_BY_CLASS_NAME = {
    "MemoryError": OUT_OF_MEMORY,
    "FloatingPointError": NOT_A_NUMBER,
    "TimeoutError": TIMEOUT,
    "TokenizerError": JVM,
    "ConfigError": CONFIG,
    "ResourceExhaustedError": OUT_OF_MEMORY,
    "OutOfMemoryError": OUT_OF_MEMORY,
    "Py4JNetworkError": JVM,
    "Py4JJavaError": JVM,
    "JVMNotFoundException": JVM,
}
_SHAPE_WORDS = re.compile(r"shape|dimension|too short|kernel|output size|max_len", re.IGNORECASE)
_NAN_WORDS = re.compile(r"\bnan\b|not a number|not finite", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """A trial that ended badly.

    Attributes:
        reason: One of the words above.
        message: One line; equal causes give equal lines.
        detail: The traceback, for the log.
    """

    reason: str
    message: str
    detail: str = ""

    @property
    def transient(self) -> bool:
        """Whether another attempt may succeed."""
        return self.reason in TRANSIENT


class TrialFailed(Exception):  # noqa: N818 - named for what happened, as optuna.TrialPruned is
    """Carries a `Failure` through a `concurrent.futures.Future`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def from_exception(error: BaseException) -> Failure:
    """Sorts an exception that the trial's code raised. Its attribute `reason`, where it has one, wins."""
    lines = str(error).strip().splitlines()
    message = f"{type(error).__name__}: {lines[0] if lines else ''}".strip()
    return Failure(_reason(error, message), message, "".join(traceback.format_exception(error)))


def from_exit(code: int, *, out_of_memory: bool) -> Failure:
    """Sorts the death of a worker process by its exit code; below zero it is the number of a signal."""
    if out_of_memory:
        return Failure(OUT_OF_MEMORY, "The system ended the worker because memory ran out.")
    if code < 0:
        return Failure(KILLED, f"The worker was ended by {signal.Signals(-code).name}.")
    return Failure(OTHER, f"The worker ended with exit code {code}.")


def _reason(error: BaseException, message: str) -> str:
    if is_for_want_of_room(error):
        return DISK
    if isinstance(named := getattr(error, "reason", None), str):
        return named
    if isinstance(error, TrainingError) and _NAN_WORDS.search(message):
        return NOT_A_NUMBER
    if isinstance(error, ConfigError | ValueError) and _SHAPE_WORDS.search(message):
        return SHAPE
    names = (cls.__name__ for cls in type(error).__mro__)
    return next((_BY_CLASS_NAME[name] for name in names if name in _BY_CLASS_NAME), OTHER)
