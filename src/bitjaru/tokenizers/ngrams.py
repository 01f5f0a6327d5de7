"""Every short run of characters or of words: no analyser, and yet parts of words, or phrases."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import PositiveInt

from bitjaru.errors import ConfigError
from bitjaru.options import part
from bitjaru.tokenizers.well_formed import well_formed
from bitjaru.tokenizers.words import Words


@part
class Ngrams:
    """Takes every run of `shortest` to `longest` characters or words as a token.

    Runs stand in the order in which they end, short ones first: a model that sees only the last tokens
    sees every length of them. A run of whitespace counts as one space, none at the ends.

    Attributes:
        of: `characters`, spaces among them, or `words`, in lower case and without punctuation.
        shortest: Characters or words of the shortest run.
        longest: Characters or words of the longest run.
    """

    of: Literal["characters", "words"]
    shortest: PositiveInt
    longest: PositiveInt

    def __post_init__(self) -> None:
        if self.shortest > self.longest:
            raise ConfigError(
                "`shortest` must not be above `longest`. "
                f"Received: shortest={self.shortest}, longest={self.longest}. Set tokenizer.longest too."
            )

    @property
    def engine(self) -> str:
        """This file's own rule; the number grows when its tokens change."""
        return f"n-grams of {self.of} 1"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text."""
        if self.of == "words":
            return (self._of_words(words) for words in Words().tokenize(texts))
        return (self._of_characters(" ".join(text.split())) for text in well_formed(texts))

    def _of_characters(self, text: str) -> list[str]:
        shortest, beyond = self.shortest, self.longest + 1
        return [
            text[end - length : end]
            for end in range(1, len(text) + 1)
            for length in range(shortest, min(beyond, end + 1))
        ]

    def _of_words(self, words: Sequence[str]) -> list[str]:
        shortest, beyond = self.shortest, self.longest + 1
        return [
            " ".join(words[end - length : end])
            for end in range(1, len(words) + 1)
            for length in range(shortest, min(beyond, end + 1))
        ]
