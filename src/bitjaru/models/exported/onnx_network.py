"""An exported network."""

from pathlib import Path

import numpy as np

from bitjaru.data import FloatArray, IntArray
from bitjaru.models.exported.graph import FILE, ROWS_AT_ONCE, WEIGHTS, OnnxGraph
from bitjaru.training.evaluation import answered_by_length


class OnnxNetwork:
    """A network as an ONNX graph, ids (B, T) to probabilities (B, O).

    Args:
        path: Of the graph's file.

    Raises:
        BundleError: If it is missing or damaged.
        ConfigError: If ONNX Runtime is not installed.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._graph = path, OnnxGraph(path)

    def count_params(self) -> int:
        """Returns how many numbers it has."""
        return self._graph.facts[WEIGHTS]

    def predict(self, inputs: IntArray) -> FloatArray:
        """Returns the probabilities (N, O) of inputs (N, T)."""
        return answered_by_length(
            lambda rows: self._graph.run(ids=rows.astype(np.int32)),
            inputs,
            step=self._graph.facts[ROWS_AT_ONCE],
            any_length=self._graph.length is None,
        )

    def save(self, folder: Path) -> None:
        """Writes the graph."""
        (folder / FILE).write_bytes(self._path.read_bytes())
