"""Tokenized texts as one flat array of codes: fast to count, encode, store and share."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tokens:
    """The tokens of N texts, L in all.

    Row `n` has the tokens `words[codes[offsets[n]:offsets[n + 1]]]`. Codes say where a word stands in
    `words` and nothing else: a `Vocabulary` gives the ids that a model sees.

    Attributes:
        words: Distinct tokens, in the order in which they were first met.
        codes: (L,) int32.
        offsets: (N + 1,) int64, from 0 to L.
    """

    words: Sequence[str]
    codes: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[str]]) -> "Tokens":
        """Builds from one list of tokens a text; `rows` is read once and never held whole."""
        code_of: defaultdict[str, int] = defaultdict()
        code_of.default_factory = code_of.__len__
        # Four bytes a token: a corpus of character n-grams has tens of millions of them.
        codes, ends = array("i"), array("q", [0])
        for row in rows:
            codes.extend(map(code_of.__getitem__, row))
            ends.append(len(codes))
        return cls(tuple(code_of), np.array(codes, np.int32), np.array(ends, np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> list[str]:
        """Returns the tokens of one text."""
        return [self.words[code] for code in self.codes[self.offsets[row] : self.offsets[row + 1]]]

    def __iter__(self) -> Iterator[list[str]]:
        return (self[row] for row in range(len(self)))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each text, (N,)."""
        return np.diff(self.offsets)

    def take(self, rows: NDArray[Any]) -> "Tokens":
        """Returns the texts at these row numbers, in their order; `words` stays as it is."""
        lengths = self.lengths[rows]
        offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        places = np.arange(offsets[-1])
        places += np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        return Tokens(self.words, self.codes[places], offsets)

    def keep(self, wanted: NDArray[np.bool_]) -> "Tokens":
        """Returns the texts without the tokens, of (L,), that are not wanted; `words` stays as it is."""
        ends = np.concatenate([[0], np.cumsum(wanted, dtype=np.int64)])
        return Tokens(self.words, self.codes[wanted], ends[self.offsets])


def join(parts: Sequence[Tokens]) -> Tokens:
    """Puts the texts of several `Tokens` one after the other, under one list of words."""
    words = tuple(dict.fromkeys(chain.from_iterable(part.words for part in parts)))
    code_of = {word: code for code, word in enumerate(words)}
    recoded = [np.array([code_of[word] for word in part.words], np.int32)[part.codes] for part in parts]
    lengths = np.concatenate([part.lengths for part in parts])
    return Tokens(words, np.concatenate(recoded), np.concatenate([[0], np.cumsum(lengths)]))
