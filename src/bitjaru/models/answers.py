"""A model's answers to one part of the data, kept so that two models can be compared review by review."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.stored import read_arrays
from bitjaru.errors import BundleError
from bitjaru.files import NOT_ARRAYS, replacing

FOLDER = "answers"
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Answers:
    """N answers, each with a key that tells which review it is for.

    Attributes:
        keys: (N,) uint64, from the text and from how often it came before: a part may hold `최고` many times.
        targets: (N,) int32.
        probabilities: (N, K), float64.
    """

    keys: Keys
    targets: IntArray
    probabilities: FloatArray

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: NDArray[Any]) -> "Answers":
        """Returns the answers at these row numbers, in their order."""
        return Answers(self.keys[rows], self.targets[rows], self.probabilities[rows])

    def shared(self, other: "Answers") -> tuple["Answers", "Answers"]:
        """Returns the answers of both to the reviews that both have, in one order."""
        _, own, others = np.intersect1d(self.keys, other.keys, return_indices=True)
        return self.take(own), other.take(others)

    def save(self, path: Path) -> None:
        """Writes the arrays, compressed."""
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file, allow_pickle=False, keys=self.keys, targets=self.targets, probabilities=self.probabilities
            )

    @classmethod
    def load(cls, path: Path) -> "Answers":
        """Reads what `save` wrote.

        Raises:
            BundleError: If it is missing or damaged.
        """
        try:
            return cls(**read_arrays(path, ("keys", "targets", "probabilities")))
        except NOT_ARRAYS as error:
            raise BundleError(f"`{path}` must hold a model's answers. Received: {error}. Train it again.") from error


def keys_of(texts: Sequence[str]) -> Keys:
    """Returns the keys of N texts, (N,); the same for the same texts in whichever order the others stand."""
    met: Counter[str] = Counter()
    keys = np.empty(len(texts), np.uint64)
    for row, text in enumerate(texts):
        content = f"{met[text]}\n{text}".encode(errors="surrogatepass")
        keys[row] = int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
        met[text] += 1
    return keys


def right(answers: Answers) -> NDArray[np.bool_]:
    """Returns whether each answer names the true class, (N,); one column is the probability of class 1."""
    shares = answers.probabilities
    answered = shares[:, 0] > 0.5 if shares.shape[1] == 1 else shares.argmax(axis=1)
    return np.asarray(answered.astype(np.int64) == answers.targets)


def accuracy(answers: Answers) -> float:
    """Returns the share of right answers."""
    return float(np.mean(right(answers)))
