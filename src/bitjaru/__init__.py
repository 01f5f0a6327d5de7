"""bitjaru sweeps: review-sentiment experiments that are searched, tracked and compared honestly.

What stands in `__all__` may be imported by others and keeps its name and its place: `from bitjaru import Bundle`. It is
loaded when it is asked for; `import bitjaru` alone costs nothing.

Letters in array shapes, the same everywhere:

    N  examples          V  vocabulary size
    B  batch             E  embedding width
    T  tokens an example D  features
    C  classes           O  outputs
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bitjaru.architectures import Architecture as Architecture
    from bitjaru.architectures import Embedding as Embedding
    from bitjaru.configuration import compose_config as compose_config
    from bitjaru.data.examples import Examples as Examples
    from bitjaru.data.reviews import Corpus as Corpus
    from bitjaru.data.reviews import Reviews as Reviews
    from bitjaru.data.reviews import Splits as Splits
    from bitjaru.data.tokens import Tokens as Tokens
    from bitjaru.data.vocabulary import Vocabulary as Vocabulary
    from bitjaru.datasets import Dataset as Dataset
    from bitjaru.errors import BitjaruError as BitjaruError
    from bitjaru.errors import Stop as Stop
    from bitjaru.models.bundle import Bundle as Bundle
    from bitjaru.notebook.actions import grid as grid
    from bitjaru.notebook.actions import load as load
    from bitjaru.notebook.actions import search as search
    from bitjaru.notebook.actions import train as train
    from bitjaru.notebook.results import Model as Model
    from bitjaru.notebook.results import Run as Run
    from bitjaru.notebook.results import Runs as Runs
    from bitjaru.optimizers import Optimizer as Optimizer
    from bitjaru.options import part as part
    from bitjaru.outcome import Outcome as Outcome
    from bitjaru.sweep.execution.program import report as report
    from bitjaru.tasks import Answer as Answer
    from bitjaru.tasks import Task as Task
    from bitjaru.tokenizers import Tokenizer as Tokenizer
    from bitjaru.training import Listener as Listener

__version__ = "0.1.0"

# Nothing is told to anybody unasked: libraries read these when they are imported, here and in every process that is
# started from here. Who wants to tell sets them otherwise.
SILENCE = {"MLFLOW_DISABLE_TELEMETRY": "true", "RAY_USAGE_STATS_ENABLED": "0"}
for _name, _value in SILENCE.items():
    os.environ.setdefault(_name, _value)

_PLACES = {
    "Answer": "tasks",
    "Architecture": "architectures",
    "BitjaruError": "errors",
    "Bundle": "models.bundle",
    "Corpus": "data.reviews",
    "Dataset": "datasets",
    "Embedding": "architectures",
    "Examples": "data.examples",
    "Listener": "training",
    "Model": "notebook.results",
    "Optimizer": "optimizers",
    "Outcome": "outcome",
    "Reviews": "data.reviews",
    "Run": "notebook.results",
    "Runs": "notebook.results",
    "Splits": "data.reviews",
    "Stop": "errors",
    "Task": "tasks",
    "Tokenizer": "tokenizers",
    "Tokens": "data.tokens",
    "Vocabulary": "data.vocabulary",
    "compose_config": "configuration",
    "grid": "notebook.actions",
    "load": "notebook.actions",
    "part": "options",
    "report": "sweep.execution.program",
    "search": "notebook.actions",
    "train": "notebook.actions",
}
__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(f"bitjaru.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'bitjaru' has no attribute {name!r}")
