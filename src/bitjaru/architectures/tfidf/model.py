"""What a linear model has learned: n-grams, how rare each is, and what it says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.architectures.tfidf.counting import Counting, occurrences
from bitjaru.data import FloatArray
from bitjaru.data.stored import read_arrays, read_json
from bitjaru.errors import BundleError
from bitjaru.files import NOT_ARRAYS, replacing, write_text

NGRAMS, WEIGHTS = "ngrams.json", "weights.npz"
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Features:
    """The weights of M n-grams that N texts hold, each row of length 1.

    Attributes:
        texts: N.
        rows: The text of each, (M,), in order.
        places: Which of the V n-grams each is, (M,).
        weights: Of each, (M,).
    """

    texts: int
    rows: NDArray[Any]
    places: NDArray[Any]
    weights: FloatArray

    @property
    def found(self) -> NDArray[Any]:
        """Whether each text holds any, (N,)."""
        return np.bincount(self.rows, minlength=self.texts) > 0

    def times(self, coefficients: FloatArray) -> FloatArray:
        """Returns the product with coefficients (V, K), (N, K); each text's sum is its own, whoever is beside it."""
        products = (self.weights * column[self.places] for column in coefficients.T)
        return np.stack([np.bincount(self.rows, each, minlength=self.texts) for each in products], axis=1)


@dataclass(frozen=True)
class TfIdf:
    """A logistic regression over V n-grams.

    Attributes:
        counting: How they are counted.
        ngrams: V of them.
        idf: Of each, (V,): the inverse document frequency, 1 + ln((1 + N) / (1 + reviews with it)).
        coefficients: Of each, (V, K): what a weighted occurrence adds to the logarithm of the odds. K is 1 for two
            classes, else C.
        intercept: The log-odds of a text without any of them, (K,).
    """

    counting: Counting
    ngrams: Sequence[str]
    idf: FloatArray
    coefficients: FloatArray
    intercept: FloatArray

    @property
    def weights(self) -> int:
        """How many numbers were learned."""
        return self.coefficients.size + len(self.intercept)

    def probabilities(self, texts: Sequence[str]) -> FloatArray:
        """Returns the probability of class 1 of N texts, (N, 1), or of each of more than two classes, (N, C)."""
        starts = range(0, len(texts), ROWS_AT_ONCE)
        parts = [self.probabilities_of(self.features(texts[start : start + ROWS_AT_ONCE])) for start in starts]
        return np.concatenate([*parts, np.empty((0, len(self.intercept)))])

    def probabilities_of(self, features: Features) -> FloatArray:
        """Returns the same of the features of N texts."""
        whole = features.times(self.coefficients) + self.intercept
        if whole.shape[1] == 1:
            return np.asarray(1 / (1 + np.exp(-whole)))
        shares = np.exp(whole - whole.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def knows(self, features: Features) -> NDArray[Any]:
        """Returns whether each of N texts, as features, holds an n-gram that it knows, (N,)."""
        return features.found

    def weightiest(self, number: int) -> list[list[str]]:
        """Returns the n-grams that speak most for each class, the weightiest first."""
        single = self.coefficients.shape[1] == 1
        for_class = np.concatenate([-self.coefficients, self.coefficients], axis=1) if single else self.coefficients
        order = np.argsort(-for_class, axis=0, kind="stable")[:number]
        return [[self.ngrams[place] for place in column] for column in order.T]

    def features(self, texts: Sequence[str]) -> Features:
        """Returns the weighted n-grams of N texts.

        What scikit-learn's `TfidfVectorizer` makes of them, whose import takes longer than the answer to a text.
        """
        found = occurrences(self.counting, self._places, texts)
        weights = 1 + np.log(found.times) if self.counting.sublinear else found.times
        weights = weights * self.idf[found.places].astype(np.float32)
        rows = np.repeat(np.arange(len(texts)), found.lengths)
        lengths = np.sqrt(np.bincount(rows, weights.astype(np.float64) ** 2, minlength=len(texts)))
        return Features(len(texts), rows, found.places, weights / lengths[rows])

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {ngram: place for place, ngram in enumerate(self.ngrams)}

    def save(self, folder: Path) -> None:
        """Writes the n-grams as JSON and the numbers as arrays, without pickle."""
        write_text(folder / NGRAMS, json.dumps(self.ngrams, ensure_ascii=False))
        with replacing(folder / WEIGHTS) as temporary, temporary.open("wb") as file:
            np.savez_compressed(
                file, allow_pickle=False, idf=self.idf, coefficients=self.coefficients, intercept=self.intercept
            )

    @classmethod
    def load(cls, folder: Path, counting: Counting) -> "TfIdf":
        """Reads what `save` wrote.

        Raises:
            BundleError: If a file is missing or damaged.
        """
        try:
            ngrams = read_json(folder / NGRAMS)
            arrays = read_arrays(folder / WEIGHTS, ("idf", "coefficients", "intercept"))
            idf, coefficients, intercept = arrays["idf"], arrays["coefficients"], arrays["intercept"]
            fits = coefficients.ndim == 2 and coefficients.shape[1:] == intercept.shape
            fits = (
                fits
                and len(ngrams) == len(idf) == len(coefficients)
                and all(isinstance(ngram, str) for ngram in ngrams)
            )
        except NOT_ARRAYS as error:
            raise BundleError(f"`{folder}` must hold a linear model. Received: {error}. Train it again.") from error
        if not fits:
            raise BundleError(
                f"`{folder}` must hold a number for every n-gram. Received: {len(ngrams)} n-grams, {len(idf)} and "
                f"{len(coefficients)} numbers. Train it again."
            )
        return cls(counting, ngrams, idf, coefficients, intercept)
