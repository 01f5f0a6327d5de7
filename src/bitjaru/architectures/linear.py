"""TF-IDF of n-grams and logistic regression: a minute of training that every network should beat."""

import logging
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from pydantic import PositiveFloat, PositiveInt

from bitjaru.architectures.tfidf.counting import Counting, cleaned, words
from bitjaru.architectures.tfidf.model import TfIdf
from bitjaru.data import FloatArray, IntArray
from bitjaru.errors import ConfigError, DataError
from bitjaru.options import part

log = logging.getLogger(__name__)


@part
class Linear:
    """A logistic regression over the n-grams of a text, weighted by TF-IDF.

    It reads texts itself, whatever tokenizer the run has, and learns in one go: trainer and optimizer have no say.

    Attributes:
        ngrams_of: Characters, spaces among them, or words without punctuation; both in lower case.
        shortest: Characters or words of the shortest n-gram.
        longest: Characters or words of the longest one.
        minimum_count: N-grams in fewer training reviews are left out.
        sublinear: Whether an n-gram that comes n times counts 1 + ln n times.
        naive_bayes: Whether each n-gram also weighs as much as it tells two classes apart: the logarithm of the ratio
            of its shares in both (Wang & Manning 2012). For two classes only.
        inverse_regularization: C of the logistic regression.
        iterations: At most.
    """

    ngrams_of: Literal["characters", "words"]
    shortest: PositiveInt
    longest: PositiveInt
    minimum_count: PositiveInt
    sublinear: bool
    naive_bayes: bool
    inverse_regularization: PositiveFloat
    iterations: PositiveInt

    def __post_init__(self) -> None:
        if self.shortest > self.longest:
            raise ConfigError(
                "`architecture.shortest` must not be above `architecture.longest`. "
                f"Received: shortest={self.shortest}, longest={self.longest}. Set `architecture.longest` too."
            )

    @property
    def engine(self) -> str:
        """This file's own rule; the number grows when its n-grams change."""
        return f"n-grams of {self.ngrams_of} 1"

    @property
    def counting(self) -> Counting:
        """Which n-grams are counted, and how."""
        return Counting(self.ngrams_of, self.shortest, self.longest, self.minimum_count, self.sublinear)

    def fit(self, texts: Sequence[str], labels: IntArray) -> TfIdf:
        """Learns from N texts and their labels (N,), 0 … C-1.

        Raises:
            ConfigError: If `naive_bayes` is wanted for more than two classes.
            DataError: If a class has no review, or no n-gram is frequent enough.
        """
        from sklearn.linear_model import LogisticRegression

        found = np.unique(labels).tolist()
        if len(found) < 2 or found != list(range(len(found))):
            raise DataError(
                "A linear model needs training reviews of every class, 0 and 1 at least. Received: the labels "
                f"{found}. Choose another `architecture`, or a data set with all of them."
            )
        if self.naive_bayes and len(found) > 2:
            raise ConfigError(
                f"`architecture.naive_bayes` is for two classes. Received: {len(found)} classes. Set it to false."
            )
        features, ngrams, idf = count(self.counting, texts)
        ratios = np.ones(len(ngrams))
        if self.naive_bayes:
            features, ratios = weighed(features, class_ratios(features, labels))
        classifier = LogisticRegression(C=self.inverse_regularization, max_iter=self.iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what there is to say is said below, once
            classifier.fit(features, labels)
        if classifier.n_iter_[0] >= self.iterations:
            log.warning(
                "The linear model was still improving after architecture.iterations=%d; more may help.", self.iterations
            )
        return TfIdf(self.counting, ngrams, idf, (classifier.coef_ * ratios[None, :]).T, classifier.intercept_)


def count(counting: Counting, texts: Sequence[str]) -> tuple[Any, Sequence[str], FloatArray]:
    """Finds the n-grams of N training texts; returns their weights, sparse (N, V), the V n-grams, and their idf (V,).

    Raises:
        DataError: If none is frequent enough.
    """
    vectorizer = _vectorizer(counting)
    try:
        features = vectorizer.fit_transform(cleaned(texts))
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


def weighed(features: Any, ratios: FloatArray) -> tuple[Any, FloatArray]:
    """Multiplies each n-gram's column of (N, V) by its ratio; returns that, and the ratios that were used, (V,).

    TF-IDF gives every review the length 1, its ratios would make it shorter, and a shorter
    review is held back more by the same C. So all ratios are scaled by one figure that makes the mean squared length 1
    again, and C means the same with and without.
    """
    squares = features.multiply(ratios[None, :]).power(2).sum() / features.shape[0]
    if squares == 0:  # no n-gram tells the classes apart
        return features, np.ones_like(ratios)
    scaled = ratios / np.sqrt(squares)
    return features.multiply(scaled[None, :]).tocsr(), scaled


def _vectorizer(counting: Counting) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    of_words = counting.of == "words"
    return TfidfVectorizer(
        analyzer="word" if of_words else "char",
        tokenizer=words if of_words else None,
        token_pattern=None if of_words else r"(?u)\b\w\w+\b",
        ngram_range=(counting.shortest, counting.longest),
        min_df=counting.minimum_count,
        sublinear_tf=counting.sublinear,
        dtype=np.float32,
    )
