"""The words that a model knows, and the id of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.data.stored import read_json
from bitjaru.data.tokens import Tokens
from bitjaru.errors import BundleError
from bitjaru.files import write_text

PADDING, OUT_OF_VOCABULARY = 0, 1
SPECIALS = ("[PAD]", "[OOV]")


@dataclass(frozen=True)
class Vocabulary:
    """V words; the id of a word is its place. Id 0 is padding.

    Id 1 stands for every unknown word, or is a word like the others where unknown words have no id.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.words[:1] != SPECIALS[:1]:
            raise ValueError(f"A vocabulary must start with {SPECIALS[0]}. Received: {self.words[:2]}.")

    @classmethod
    def build(cls, tokens: Tokens, *, size: int | None, unknown_words: bool = True) -> "Vocabulary":
        """Takes the most frequent words of the training part; equally frequent ones in the order first met.

        Args:
            tokens: Of the training part only.
            size: V at most, the specials included; None takes every word.
            unknown_words: Whether all unknown words share an id of their own.
        """
        counts = np.bincount(tokens.codes, minlength=len(tokens.words))
        first_met = np.full(len(tokens.words), len(tokens.codes))
        np.minimum.at(first_met, tokens.codes, np.arange(len(tokens.codes)))
        ranked = np.lexsort((first_met, -counts))[: np.count_nonzero(counts)]
        # A corpus may contain the text of a special: that token stays unknown rather than becoming padding.
        words = [word for word in (tokens.words[code] for code in ranked) if word not in SPECIALS]
        specials = SPECIALS if unknown_words else SPECIALS[:1]
        return cls(specials + tuple(words[: None if size is None else size - len(specials)]))

    def __len__(self) -> int:
        return len(self.words)

    @property
    def specials(self) -> tuple[str, ...]:
        """The first words, which stand for no word: padding, and unknown words where they have an id."""
        return SPECIALS if self.words[: len(SPECIALS)] == SPECIALS else SPECIALS[:1]

    @cached_property
    def _id_of(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words) if place >= len(self.specials)}

    def ids(self, tokens: Tokens) -> NDArray[np.int32]:
        """Returns the id of every token, (L,), in the order of `tokens.codes`.

        An unknown word has the id 1, or that of padding where unknown words have none.
        """
        unknown = PADDING if len(self.specials) == 1 else OUT_OF_VOCABULARY
        return self._of_codes(tokens, [self._id_of.get(word, unknown) for word in tokens.words], np.int32)

    def knows(self, tokens: Tokens) -> NDArray[np.bool_]:
        """Returns whether every token is a word of the vocabulary, (L,)."""
        return self._of_codes(tokens, [word in self._id_of for word in tokens.words], np.bool_)

    def _of_codes(self, tokens: Tokens, values: Sequence[int], kind: type[np.generic]) -> NDArray[Any]:
        """Returns for every token, (L,), the value of its word."""
        return np.array(values, kind)[tokens.codes] if len(tokens.codes) else np.empty(0, kind)

    def save(self, path: Path) -> None:
        """Writes a JSON list of the words."""
        write_text(path, json.dumps(self.words, ensure_ascii=False))

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Reads what `save` wrote.

        Raises:
            BundleError: If the file is missing or is not such a list.
        """
        try:
            return cls(tuple(read_json(path)))
        except (OSError, ValueError, TypeError) as error:
            raise BundleError(f"`{path}` must hold a vocabulary. Received: {error}. Train the model again.") from error


NO_WORDS = Vocabulary(SPECIALS[:1])
