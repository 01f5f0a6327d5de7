"""An exported linear model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.architectures.tfidf.counting import Counting, Occurrences, occurrences
from bitjaru.architectures.tfidf.model import NGRAMS
from bitjaru.data import FloatArray
from bitjaru.errors import BundleError
from bitjaru.models.exported.graph import FILE, WEIGHTS, OnnxGraph

ROWS_AT_ONCE = 256


class OnnxTfIdf:
    """A linear model as an ONNX graph: places and counts of a text's n-grams, (B, M) each, to probabilities (B, O).

    Args:
        folder: With the graph and the n-grams.
        counting: How they are counted.

    Raises:
        BundleError: If a file is missing or damaged.
        ConfigError: If ONNX Runtime is not installed.
    """

    def __init__(self, folder: Path, counting: Counting) -> None:
        self.counting = counting
        self._graph = OnnxGraph(folder / FILE)
        try:
            self.ngrams: Sequence[str] = json.loads((folder / NGRAMS).read_text(encoding="utf-8"))
            self._places = {ngram: place for place, ngram in enumerate(self.ngrams)}
        except (OSError, ValueError, TypeError) as error:
            raise BundleError(f"`{folder / NGRAMS}` must list the model's n-grams. Received: {error}.") from error
        self._folder = folder

    @property
    def weights(self) -> int:
        """How many numbers were learned."""
        return self._graph.facts[WEIGHTS]

    def features(self, texts: Sequence[str]) -> Occurrences:
        """Counts the n-grams of N texts."""
        return occurrences(self.counting, self._places, texts)

    def probabilities_of(self, found: Occurrences) -> FloatArray:
        """Returns the probability of class 1 of N texts, (N, 1), or of each of more than two classes, (N, C)."""
        ends = np.concatenate([[0], np.cumsum(found.lengths)])
        starts = range(0, max(len(found.lengths), 1), ROWS_AT_ONCE)
        answers = [self._answers(found, ends[start : start + ROWS_AT_ONCE + 1]) for start in starts]
        return np.concatenate(answers).astype(np.float64)

    def knows(self, found: Occurrences) -> NDArray[Any]:
        """Returns whether each of N texts holds an n-gram that it knows, (N,)."""
        return found.lengths > 0

    def save(self, folder: Path) -> None:
        """Writes the graph and the n-grams."""
        for name in (FILE, NGRAMS):
            (folder / name).write_bytes((self._folder / name).read_bytes())

    def _answers(self, found: Occurrences, ends: NDArray[Any]) -> FloatArray:
        lengths, part = np.diff(ends), slice(ends[0], ends[-1])
        size = (len(lengths), int(lengths.max(initial=1)))
        places, times = np.zeros(size, np.int64), np.zeros(size, np.float32)
        filled = np.arange(size[1]) < lengths[:, None]
        places[filled], times[filled] = found.places[part], found.times[part]
        return self._graph.run(places=places, times=times)
