"""N-grams of texts: which there are, and how often a text holds each."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bitjaru.tokenizers.well_formed import well_formed
from bitjaru.tokenizers.words import Words


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

    def ngrams(self, text: str) -> Iterator[str]:
        """Yields every n-gram of a cleaned text, the shortest first."""
        small = text.lower()
        parts: Sequence[str] = words(small) if self.of == "words" else small
        joined = " ".join if self.of == "words" else "".join
        for length in range(self.shortest, min(self.longest, len(parts)) + 1):
            yield from (joined(parts[at : at + length]) for at in range(len(parts) - length + 1))


@dataclass(frozen=True)
class Occurrences:
    """M n-grams that N texts hold, those of one text after those of another.

    Attributes:
        lengths: How many different ones each text holds, (N,).
        places: Which of the V n-grams each is, (M,).
        times: How often its text holds it, (M,).
    """

    lengths: NDArray[Any]
    places: NDArray[Any]
    times: NDArray[Any]


def occurrences(counting: Counting, places: Mapping[str, int], texts: Sequence[str]) -> Occurrences:
    """Counts the known n-grams of N texts.

    Args:
        counting: Which n-grams there are.
        places: Of the V known ones.
        texts: N of them.
    """
    found = [
        Counter(place for ngram in counting.ngrams(text) if (place := places.get(ngram)) is not None)
        for text in cleaned(texts)
    ]
    return Occurrences(
        np.array([len(each) for each in found], np.intp),
        np.array([place for each in found for place in each], np.intp),
        np.array([times for each in found for times in each.values()], np.float32),
    )


def cleaned(texts: Sequence[str]) -> Iterator[str]:
    """Yields texts with one space for each run of whitespace, none at the ends."""
    return (" ".join(text.split()) for text in well_formed(texts))


def words(text: str) -> list[str]:
    """Cuts a text into words without punctuation, in lower case."""
    return next(Words().tokenize([text]))
