"""Texts with the answers that a model gave when it was trained: the proof, later, that it is the same model."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bitjaru.data import FloatArray
from bitjaru.data.stored import read_json
from bitjaru.data.tokens import Tokens
from bitjaru.errors import BundleError
from bitjaru.files import write_text

FILE = "golden.json"
SIZE = 256
HELD = 2**24  # probabilities that are computed for it, at most
KEPT = 16  # of each row of a file, the largest: an answer is the largest of them


@dataclass(frozen=True)
class Golden:
    """G texts with what was made of them.

    Attributes:
        texts: G raw texts.
        probabilities: The model's output for them, (G, O); read back, all but the largest of each row are 0.
        tokens: Of each text, by the view that cut them.
    """

    texts: Sequence[str]
    probabilities: FloatArray
    tokens: Mapping[str, Sequence[Sequence[str]]]

    @classmethod
    def first(cls, texts: Sequence[str], probabilities: FloatArray, tokens: Mapping[str, Tokens]) -> "Golden":
        """Takes the first texts of a part, in its order; every part is in random or published order."""
        rows = range(min(SIZE, len(probabilities)))
        first = {view: [each[row] for row in rows] for view, each in tokens.items()}
        return cls(list(texts[: len(rows)]), probabilities[: len(rows)], first)

    @staticmethod
    def size(outputs: int) -> int:
        """Returns how many texts are enough where a model has O outputs: fewer where O is a whole vocabulary."""
        return max(1, min(SIZE, HELD // outputs))

    def save(self, folder: Path) -> None:
        """Writes `golden.json` into a bundle's folder; of a whole vocabulary's probabilities only the largest."""
        outputs = self.probabilities.shape[1]
        columns = np.argsort(-self.probabilities, axis=1, kind="stable")[:, :KEPT]
        largest = {
            "outputs": outputs,
            "columns": columns.tolist(),
            "probabilities": np.take_along_axis(self.probabilities, columns, axis=1).tolist(),
        }
        content = {
            "texts": list(self.texts),
            **(largest if outputs > KEPT else {"probabilities": self.probabilities.tolist()}),
            "tokens": {view: [list(row) for row in rows] for view, rows in self.tokens.items()},
        }
        write_text(folder / FILE, json.dumps(content, ensure_ascii=False))

    @classmethod
    def load(cls, folder: Path) -> "Golden":
        """Reads what `save` wrote.

        Raises:
            BundleError: If it is missing or damaged.
        """
        try:
            content = read_json(folder / FILE)
            return cls(content["texts"], _probabilities(content), content["tokens"])
        except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
            raise BundleError(f"`{folder}` must hold {FILE}. Received: {error}. Train the model again.") from error


def _probabilities(content: Mapping[str, Any]) -> FloatArray:
    stored = np.asarray(content["probabilities"], np.float64)
    if "columns" not in content:
        return stored
    outputs = int(content["outputs"])
    if len(stored) > Golden.size(max(outputs, 1)):
        raise ValueError(f"{len(stored)} rows of {outputs:,} probabilities")
    whole = np.zeros((len(stored), outputs))
    np.put_along_axis(whole, np.asarray(content["columns"], np.int64), stored, axis=1)
    return whole
