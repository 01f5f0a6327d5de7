"""Is a review positive or negative, or which of several classes is it?"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import BeforeValidator, Field

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
    """C classes: of two, one sigmoid unit, the probability (N, 1) of class 1; of more, a softmax (N, C).

    Attributes:
        classes: Names of the labels 0 … C-1.
    """

    classes: Annotated[tuple[Annotated[str, BeforeValidator(str)], ...], Field(min_length=2, max_length=100)]

    unknown_words: ClassVar[bool] = True  # a review's unknown words are seen as such
    objective: ClassVar[str] = "accuracy"
    direction: ClassVar[Direction] = "maximize"
    metrics: ClassVar[Sequence[str]] = ("accuracy",)

    @property
    def loss(self) -> str:
        """Keras's name of the loss."""
        return "binary_crossentropy" if len(self.classes) == 2 else "sparse_categorical_crossentropy"

    def examples(
        self, tokens: Tokens, labels: IntArray, vocabulary: AnyVocabulary, *, length: int, padding: Side
    ) -> Examples:
        """Makes one example a review: inputs (N, T), targets (N,).

        Raises:
            DataError: If a label is none of the classes.
        """
        if others := set(np.unique(labels).tolist()) - set(range(len(self.classes))):
            raise DataError(
                f"Every review must have a label from 0 to {len(self.classes) - 1}. Received: "
                f"{', '.join(map(str, sorted(others)))}; -1 is a text without one. Choose another `dataset`, name all "
                "of `task.classes`, or choose `task=next_word`, which needs no labels."
            )
        return Examples(self.inputs(tokens, vocabulary, length=length, padding=padding), labels)

    def inputs(self, tokens: Tokens, vocabulary: AnyVocabulary, *, length: int, padding: Side) -> IntArray:
        """Makes the inputs (N, T) of N reviews; one of which no token is known is read as an empty one."""
        rows = encode(tokens, vocabulary, length=length, padding=padding)
        rows[(rows <= OUT_OF_VOCABULARY).all(axis=1)] = PADDING
        return rows

    def head(self, features: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor":
        """Maps features (B, D) to the probability of class 1, (B, 1), or of each of more than two classes, (B, C)."""
        del vocabulary_size
        import keras

        if len(self.classes) == 2:
            return keras.layers.Dense(1, activation="sigmoid", name="head")(features)
        return keras.layers.Dense(len(self.classes), activation="softmax", name="head")(features)

    def kept(self, targets: IntArray, probabilities: FloatArray) -> FloatArray:
        """Keeps the probabilities (B, 1) or (B, C) as they are."""
        del targets
        return probabilities

    def score(self, targets: IntArray, kept: FloatArray) -> Mapping[str, float]:
        """Returns `accuracy`, `loss`, `auc`, `macro_f1` and `balanced_accuracy` of probabilities (N, 1) or (N, C).

        The area under the curve of more than two classes is the mean of each against the rest.
        """
        shares = _by_class(kept)
        counts = self.confusion(targets, kept)
        right, true, said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
        met = true > 0
        losses = -np.log(np.clip(shares[np.arange(len(targets)), targets], SMALLEST, 1 - SMALLEST))
        places = [1] if len(self.classes) == 2 else np.flatnonzero(met)
        areas = [_area_under_curve((targets == place).astype(np.int32), shares[:, place]) for place in places]
        return {
            "accuracy": float(right.sum() / max(len(targets), 1)),
            "loss": float(np.mean(losses)),
            "auc": float(np.mean(areas)),
            "macro_f1": float(np.mean(2 * right[met] / (true + said)[met])),
            "balanced_accuracy": float(np.mean(right[met] / true[met])),
        }

    def confusion(self, targets: IntArray, kept: FloatArray) -> IntArray:
        """Returns counts (C, C), true class by answered class."""
        count = len(self.classes)
        answered = (kept[:, 0] > 0.5).astype(np.int64) if kept.shape[1] == 1 else kept.argmax(axis=1)
        return np.bincount(count * targets + answered, minlength=count**2).reshape(count, count).astype(np.int32)

    def answers(self, probabilities: FloatArray, vocabulary: Vocabulary) -> list[Answer]:
        """Gives each review the likeliest class and the probability of every class."""
        del vocabulary
        single = probabilities.shape[1] == 1
        answered = (probabilities[:, 0] > 0.5).astype(int) if single else probabilities.argmax(axis=1)
        return [
            Answer(self.classes[place], row[place], by_class=dict(zip(self.classes, row, strict=True)))
            for place, row in zip(answered.tolist(), _by_class(probabilities).tolist(), strict=True)
        ]


def _by_class(probabilities: FloatArray) -> FloatArray:
    """Returns the probability of each class, (N, C)."""
    if probabilities.shape[1] > 1:
        return probabilities
    return np.concatenate([1 - probabilities, probabilities], axis=1)


def _area_under_curve(targets: IntArray, scores: FloatArray) -> float:
    """Area under the ROC curve by the rank sum (Hanley & McNeil 1982); 0.5 where one class is absent."""
    positives = int(np.sum(targets == 1))
    negatives = len(targets) - positives
    if not positives or not negatives:
        return 0.5
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[targets == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
