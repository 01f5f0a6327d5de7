"""Writing on: a model's next word becomes input, and the model is asked again."""

from collections.abc import Callable, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat, PositiveInt

from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.options import part

Probabilities = NDArray[np.float64]


@part
class Decoding:
    """How the next word is chosen from its probabilities.

    Attributes:
        temperature: 0 takes the likeliest word. 1 draws as the model says; below 1 likely words gain, above they lose.
        top_k: Only so many of the likeliest words can be drawn (Fan et al. 2018); None for all.
        seed: Of the draws.
    """

    temperature: NonNegativeFloat
    top_k: PositiveInt | None
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    def choose(self, probabilities: Probabilities, random: np.random.Generator) -> NDArray[np.int64]:
        """Chooses one of V words for each of N texts.

        Args:
            probabilities: (N, V); they need not sum to 1, and a word with 0 is never chosen.
            random: Where draws come from.

        Returns:
            Ids, (N,). Of equally likely words the first one is the likeliest.
        """
        if self.temperature == 0:
            return np.asarray(probabilities.argmax(axis=1))
        allowed = probabilities if self.top_k is None else _likeliest(probabilities, self.top_k)
        with np.errstate(divide="ignore"):
            scores = np.log(allowed) / self.temperature
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        heaped = np.cumsum(weights, axis=1)
        drawn = random.random((len(heaped), 1)) * heaped[:, -1:]
        return np.asarray((heaped > drawn).argmax(axis=1))


def write_on(
    begun: Sequence[Sequence[str]],
    probabilities: Callable[[Tokens], Probabilities],
    vocabulary: Vocabulary,
    *,
    words: Sequence[int],
    decoding: Decoding,
) -> list[list[str]]:
    """Writes on from N texts.

    Args:
        begun: The tokens of each text.
        probabilities: Asks the model for the next word of N texts, (N, V).
        vocabulary: Padding and unknown words are never written.
        words: How many are written after each text.
        decoding: How they are chosen.

    Returns:
        The texts with what was written.
    """
    random = np.random.default_rng(decoding.seed)
    written = [list(text) for text in begun]
    for step in range(max(words, default=0)):
        going = [place for place, count in enumerate(words) if step < count]
        likely = np.array(probabilities(Tokens.from_rows(written[place] for place in going)))
        likely[:, : len(vocabulary.specials)] = 0.0
        for place, word in zip(going, decoding.choose(likely, random), strict=True):
            written[place].append(vocabulary.words[word])
    return written


def _likeliest(probabilities: Probabilities, count: int) -> Probabilities:
    """Sets all but the `count` largest of each row to 0; of equal ones the first stay."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
    kept = np.zeros_like(probabilities)
    np.put_along_axis(kept, order, np.take_along_axis(probabilities, order, axis=1), axis=1)
    return kept
