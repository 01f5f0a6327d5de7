"""What a linear model has learned: n-grams, how rare each is, and what it says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.stored import read_arrays, read_json
from bitjaru.errors import BundleError, DataError
from bitjaru.files import NOT_ARRAYS, replacing, write_text
from bitjaru.tokenizers.well_formed import well_formed
from bitjaru.tokenizers.words import Words

NGRAMS, WEIGHTS = "ngrams.json", "weights.npz"
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Counting:
    """Which n-grams are counted, and how.

    Attributes:
        of: Characters, spaces among them, or words.
        shortest: Characters or words of the shortest n-gram.
        longest: Characters or words of the longest one.
        minimum_count: N-grams in fewer texts are left out.
        sublinear: Whether one that comes n times counts 1 + ln n times.
    """

    of: Literal["characters", "words"]
    shortest: int
    longest: int
    minimum_count: int
    sublinear: bool


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

    def probabilities_of(self, features: Any) -> FloatArray:
        """Returns the same of features (N, V)."""
        whole = features @ self.coefficients + self.intercept
        if whole.shape[1] == 1:
            return np.asarray(1 / (1 + np.exp(-whole)))
        shares = np.exp(whole - whole.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def knows(self, features: Any) -> NDArray[Any]:
        """Returns whether each of N texts, as features (N, V), holds an n-gram that it knows, (N,)."""
        return np.asarray(np.diff(features.indptr) > 0)

    def weightiest(self, number: int) -> list[list[str]]:
        """Returns the n-grams that speak most for each class, the weightiest first."""
        single = self.coefficients.shape[1] == 1
        for_class = np.concatenate([-self.coefficients, self.coefficients], axis=1) if single else self.coefficients
        order = np.argsort(-for_class, axis=0, kind="stable")[:number]
        return [[self.ngrams[place] for place in column] for column in order.T]

    def features(self, texts: Sequence[str]) -> Any:
        """Returns the weighted n-grams of N texts, sparse (N, V)."""
        return self._vectorizer.transform(_clean(texts))

    @cached_property
    def _vectorizer(self) -> Any:
        vectorizer = _vectorizer(self.counting, vocabulary={ngram: place for place, ngram in enumerate(self.ngrams)})
        vectorizer.idf_ = self.idf
        return vectorizer

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


def count(counting: Counting, texts: Sequence[str]) -> tuple[Any, Sequence[str], FloatArray]:
    """Finds the n-grams of N training texts; returns their weights, sparse (N, V), the V n-grams, and their idf (V,).

    Raises:
        DataError: If none is frequent enough.
    """
    vectorizer = _vectorizer(counting)
    try:
        features = vectorizer.fit_transform(_clean(texts))
    except ValueError as error:
        raise DataError(
            f"A linear model needs n-grams in at least {counting.minimum_count} training reviews. Received: none in "
            f"{len(texts):,} reviews. Lower `architecture.minimum_count`, or read more reviews."
        ) from error
    return features, vectorizer.get_feature_names_out().tolist(), vectorizer.idf_


def class_ratios(features: Any, labels: IntArray) -> FloatArray:
    """Returns ln of the ratio of each n-gram's shares in class 1 and class 0, (V,); one review is added to each."""
    shares = [
        (1 + np.asarray(features[labels == label].sum(axis=0))[0]) / (1 + np.sum(labels == label)) for label in (0, 1)
    ]
    return np.asarray(np.log(shares[1] / shares[0]))


def _clean(texts: Sequence[str]) -> Any:
    return (" ".join(text.split()) for text in well_formed(texts))


def _vectorizer(counting: Counting, vocabulary: dict[str, int] | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = counting.of == "words"
    return TfidfVectorizer(
        analyzer="word" if words else "char",
        tokenizer=_words if words else None,
        token_pattern=None if words else r"(?u)\b\w\w+\b",
        ngram_range=(counting.shortest, counting.longest),
        min_df=counting.minimum_count,
        sublinear_tf=counting.sublinear,
        vocabulary=vocabulary,
        dtype=np.float32,
    )


def _words(text: str) -> list[str]:
    return next(Words().tokenize([text]))
