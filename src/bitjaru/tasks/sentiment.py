"""Is a review positive or negative?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.examples import Examples, Side, encode
from bitjaru.data.hashed_vocabulary import AnyVocabulary
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import OUT_OF_VOCABULARY, PADDING, Vocabulary
from bitjaru.errors import DataError
from bitjaru.options import part
from bitjaru.tasks import Answer, Direction

if TYPE_CHECKING:
    import keras

SMALLEST = 1e-7  # Keras clips probabilities there before it takes their logarithm


@part
class Sentiment:
    """Two classes, one sigmoid unit: the probability (N, 1) that a review is positive.

    Attributes:
        classes: Names of label 0 and label 1.
    """

    classes: tuple[str, str]

    unknown_words: ClassVar[bool] = True  # a review's unknown words are seen as such
    objective: ClassVar[str] = "accuracy"
    direction: ClassVar[Direction] = "maximize"
    loss: ClassVar[str] = "binary_crossentropy"
    metrics: ClassVar[Sequence[str]] = ("accuracy",)

    def examples(
        self, tokens: Tokens, labels: IntArray, vocabulary: AnyVocabulary, *, length: int, padding: Side
    ) -> Examples:
        """Makes one example a review: inputs (N, T), targets (N,).

        Raises:
            DataError: If a label is neither 0 nor 1.
        """
        if others := set(np.unique(labels).tolist()) - {0, 1}:
            raise DataError(
                f"Every review must have the label 0 or 1. Received: {', '.join(map(str, sorted(others)))}; -1 is a "
                "text without one. Choose another `dataset`, or `task=next_word`, which needs no labels."
            )
        return Examples(self.inputs(tokens, vocabulary, length=length, padding=padding), labels)

    def inputs(self, tokens: Tokens, vocabulary: AnyVocabulary, *, length: int, padding: Side) -> IntArray:
        """Makes the inputs (N, T) of N reviews; one of which no token is known is read as an empty one."""
        rows = encode(tokens, vocabulary, length=length, padding=padding)
        rows[(rows <= OUT_OF_VOCABULARY).all(axis=1)] = PADDING
        return rows

    def head(self, features: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor":
        """Maps features (B, D) to the probability of class 1, (B, 1)."""
        del vocabulary_size
        import keras

        return keras.layers.Dense(1, activation="sigmoid", name="head")(features)

    def kept(self, targets: IntArray, probabilities: FloatArray) -> FloatArray:
        """Keeps the probabilities (B, 1) as they are."""
        del targets
        return probabilities

    def score(self, targets: IntArray, kept: FloatArray) -> Mapping[str, float]:
        """Returns `accuracy`, `loss` and `auc` of probabilities (N, 1)."""
        positive = kept[:, 0]
        clipped = np.clip(positive, SMALLEST, 1 - SMALLEST)
        losses = -np.where(targets == 1, np.log(clipped), np.log(1 - clipped))
        return {
            "accuracy": float(np.mean((positive > 0.5) == (targets == 1))),
            "loss": float(np.mean(losses)),
            "auc": _area_under_curve(targets, positive),
        }

    def confusion(self, targets: IntArray, kept: FloatArray) -> IntArray:
        """Returns counts (2, 2), true class by answered class."""
        answered = (kept[:, 0] > 0.5).astype(np.int32)
        return np.bincount(2 * targets + answered, minlength=4).reshape(2, 2).astype(np.int32)

    def answers(self, probabilities: FloatArray, vocabulary: Vocabulary) -> list[Answer]:
        """Gives each review the likelier class and the probability of that class."""
        del vocabulary
        positive = probabilities[:, 0]
        return [
            Answer(self.classes[1], float(share)) if share > 0.5 else Answer(self.classes[0], float(1 - share))
            for share in positive
        ]


def _area_under_curve(targets: IntArray, scores: FloatArray) -> float:
    """Area under the ROC curve by the rank sum (Hanley & McNeil 1982); 0.5 where one class is absent."""
    positives = int(np.sum(targets == 1))
    negatives = len(targets) - positives
    if not positives or not negatives:
        return 0.5
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[targets == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
