"""One thing told about a run: a line of the journal that knows how to reach MLflow.

Sending an operation twice does the same as sending it once: a process may die between MLflow's answer and the note
that it came.
"""

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitjaru.tracking.runs.journal import Progress

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Tag of runs and models that tells whether MLflow has them already.
KEY = "bitjaru.key"


@dataclass(frozen=True)
class Context:
    """What sending takes.

    Attributes:
        client: Of an open store.
        folder: Of the run.
        progress: Before the operation.
    """

    client: "MlflowClient"
    folder: Path
    progress: Progress

    @property
    def run_id(self) -> str:
        """Of the MLflow run, which the first operation created."""
        return str(self.progress.run_id)


@dataclass(frozen=True, kw_only=True)
class Operation(ABC):
    """One thing told about a run.

    Attributes:
        time: When, in milliseconds since 1970, so that MLflow shows when it happened and not when it was sent.
    """

    time: int

    def line(self) -> dict[str, Any]:
        """Returns what the journal keeps."""
        return {"operation": type(self).__name__, **dataclasses.asdict(self)}

    @abstractmethod
    def send(self, context: Context) -> Progress:
        """Tells MLflow.

        Returns:
            The progress with the ids that MLflow gave.
        """
