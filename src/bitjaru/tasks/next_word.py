"""Which word comes next? A model that can say so can write."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import NonNegativeInt

from bitjaru.data import FloatArray, IntArray
from bitjaru.data.examples import Examples, Side, encode
from bitjaru.data.hashed_vocabulary import AnyVocabulary
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.errors import DataError
from bitjaru.options import part
from bitjaru.tasks import Answer, Direction, Predict
from bitjaru.tasks.generation import Decoding, write_on

if TYPE_CHECKING:
    import keras

SMALLEST = 1e-7  # Keras clips probabilities there before it takes their logarithm


@part
class NextWord:
    """Every beginning of a text predicts the word that follows it: a softmax (M, V) over the vocabulary.

    A text of n known words gives n - 1 examples. Labels are not looked at.

    Attributes:
        unknown_words: Whether all words outside the vocabulary share an id, which counts as a word to be predicted.
            Without one they are left out, of what is read and of what must be predicted: perplexity then speaks of
            known words only.
        decoding: How words are chosen where the model writes.
        samples_shown: How many texts a run begins with their first word and lets the model write on.
    """

    unknown_words: bool
    decoding: Decoding
    samples_shown: NonNegativeInt

    objective: ClassVar[str] = "loss"
    direction: ClassVar[Direction] = "minimize"
    loss: ClassVar[str] = "sparse_categorical_crossentropy"  # over ids, so that no target is V wide
    metrics: ClassVar[Sequence[str]] = ("accuracy",)

    def examples(
        self, tokens: Tokens, labels: IntArray, vocabulary: AnyVocabulary, *, length: int, padding: Side
    ) -> Examples:
        """Makes one example of every word but a text's first: what stands before it (M, T), and its id (M,).

        Raises:
            DataError: If no text has two words that the vocabulary knows.
        """
        del labels
        seen = self._seen(tokens, vocabulary)
        followers = np.maximum(seen.lengths - 1, 0)
        if not followers.any():
            raise DataError(
                f"At least one text of each part must have two known words. Received: none of {len(tokens)}. "
                "Read more texts, set `task.unknown_words=true`, or set the part's `fraction` to 0."
            )
        row = np.repeat(np.arange(len(seen)), followers)
        before = np.arange(len(row)) - np.repeat(np.cumsum(followers) - followers, followers) + 1
        inputs = encode(_beginnings(seen, row, before, length), vocabulary, length=length, padding=padding)
        return Examples(inputs, vocabulary.ids(seen)[seen.offsets[row] + before])

    def inputs(self, tokens: Tokens, vocabulary: AnyVocabulary, *, length: int, padding: Side) -> IntArray:
        """Makes the inputs (N, T) of N texts that are to be written on."""
        return encode(self._seen(tokens, vocabulary), vocabulary, length=length, padding=padding)

    def head(self, features: "keras.KerasTensor", *, vocabulary_size: int) -> "keras.KerasTensor":
        """Maps features (B, D) to the probability of every word, (B, V)."""
        import keras

        return keras.layers.Dense(vocabulary_size, activation="softmax", name="head")(features)

    def kept(self, targets: IntArray, probabilities: FloatArray) -> FloatArray:
        """Keeps of probabilities (B, V) that of the right word, and whether it was the likeliest: (B, 2)."""
        rows = np.arange(len(targets))
        return np.stack([probabilities[rows, targets], probabilities.argmax(axis=1) == targets], axis=1)

    def score(self, targets: IntArray, kept: FloatArray) -> Mapping[str, float]:
        """Returns `accuracy`, `loss` (nats a word) and `perplexity`, which is e to the loss."""
        del targets
        loss = float(-np.log(np.clip(kept[:, 0], SMALLEST, 1 - SMALLEST)).mean())
        return {"accuracy": float(kept[:, 1].mean()), "loss": loss, "perplexity": float(np.exp(loss))}

    def confusion(self, targets: IntArray, kept: FloatArray) -> None:
        """Words are too many for a table."""
        del targets, kept

    def answers(self, probabilities: FloatArray, vocabulary: Vocabulary) -> list[Answer]:
        """Gives each text the likeliest next word and its probability."""
        first = len(vocabulary.specials)
        likeliest = probabilities[:, first:].argmax(axis=1) + first
        return [
            Answer(vocabulary.words[word], float(row[word])) for row, word in zip(probabilities, likeliest, strict=True)
        ]

    def samples(
        self, predict: Predict, tokens: Tokens, vocabulary: Vocabulary, *, length: int, padding: Side
    ) -> list[Mapping[str, str]]:
        """Begins the first texts with their first word, and writes on until they are as long as they were."""
        seen = self._seen(tokens, vocabulary)
        rows = np.flatnonzero(seen.lengths > 1)[: self.samples_shown]
        texts = [seen[row] for row in rows]
        written = self.write(
            predict,
            [text[:1] for text in texts],
            vocabulary,
            words=[len(text) - 1 for text in texts],
            decoding=self.decoding,
            length=length,
            padding=padding,
        )
        return [
            {
                "begun with": text[0],
                "written": " ".join(answer),
                "the text": " ".join(text),
                "the same": "yes" if answer == text else "no",
            }
            for text, answer in zip(texts, written, strict=True)
        ]

    def write(
        self,
        predict: Predict,
        begun: Sequence[Sequence[str]],
        vocabulary: Vocabulary,
        *,
        words: Sequence[int],
        decoding: Decoding,
        length: int,
        padding: Side,
    ) -> list[list[str]]:
        """Writes on from the tokens of N texts, so many words each; returns the texts with what was written."""

        def probabilities(tokens: Tokens) -> FloatArray:
            return predict(self.inputs(tokens, vocabulary, length=length, padding=padding))

        return write_on(begun, probabilities, vocabulary, words=words, decoding=decoding)

    def _seen(self, tokens: Tokens, vocabulary: AnyVocabulary) -> Tokens:
        return tokens if self.unknown_words else tokens.keep(vocabulary.knows(tokens))


def _beginnings(texts: Tokens, row: NDArray[np.int64], size: NDArray[np.int64], length: int) -> Tokens:
    """Returns the first `size` tokens of each `row`, of which the last `length` suffice, as M texts."""
    kept = np.minimum(size, length)
    offsets = np.concatenate([[0], np.cumsum(kept)])
    start = texts.offsets[row] + size - kept
    places = np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], kept)
    return Tokens(texts.words, texts.codes[places], offsets)
