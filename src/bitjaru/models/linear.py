"""The linear model that every network should beat: TF-IDF of n-grams and logistic regression."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import PositiveFloat, PositiveInt

from bitjaru.data import IntArray
from bitjaru.data.reviews import Corpus
from bitjaru.errors import DataError
from bitjaru.models.answers import Answers, keys_of
from bitjaru.options import part

# Korean glues particles and endings to its words: pieces of them say more than whole ones.
CHARACTERS = {"analyzer": "char", "ngram_range": (1, 4)}
WORDS = {"analyzer": "word", "ngram_range": (1, 2)}


@part
class Linear:
    """Knobs of the linear baseline.

    Attributes:
        minimum_count: N-grams in fewer training reviews are left out.
        inverse_regularization: C of the logistic regression.
        iterations: At most.
    """

    minimum_count: PositiveInt
    inverse_regularization: PositiveFloat
    iterations: PositiveInt

    def settings(self) -> dict[str, Any]:
        """Returns the knobs, for a key or a log."""
        return asdict(self)

    def fit(self, corpus: Corpus) -> "Fitted":
        """Learns from the training part: character 1- to 4-grams of Korean, word 1- and 2-grams of other languages.

        Raises:
            DataError: If the reviews are not of two classes.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        train = corpus.splits.train
        if set(np.unique(train.labels)) != {0, 1}:
            raise DataError(
                f"The linear baseline needs reviews of two classes. Received: {corpus.name}, with the labels "
                f"{np.unique(train.labels).tolist()}. Leave it out with `gate.baseline=off`."
            )
        kind = CHARACTERS if corpus.language == "ko" else WORDS
        vectorizer = TfidfVectorizer(**kind, min_df=self.minimum_count, sublinear_tf=True, dtype=np.float32)
        classifier = LogisticRegression(C=self.inverse_regularization, max_iter=self.iterations)
        classifier.fit(vectorizer.fit_transform(train.texts), train.labels)
        return Fitted(vectorizer, classifier)


class Fitted:
    """A trained linear model."""

    def __init__(self, vectorizer: Any, classifier: Any) -> None:
        self._vectorizer, self._classifier = vectorizer, classifier

    @property
    def weights(self) -> int:
        """How many numbers were learned."""
        return int(self._classifier.coef_.size + self._classifier.intercept_.size)

    def answers(self, texts: Sequence[str], labels: IntArray) -> Answers:
        """Answers N reviews; the probabilities (N, 1) are those of class 1."""
        positive = self._classifier.predict_proba(self._vectorizer.transform(texts))[:, 1:]
        return Answers(keys_of(texts), labels, positive.astype(np.float64))
