"""Every short run of characters: no analyser, and yet parts of words."""

from collections.abc import Iterator, Sequence

from pydantic import PositiveInt

from bitjaru.errors import ConfigError
from bitjaru.options import part
from bitjaru.tokenizers.well_formed import well_formed


@part
class CharacterNgrams:
    """Takes every run of `shortest` to `longest` characters, spaces among them, as a token.

    Runs stand in the order in which they end, short ones first: a model that sees only the last tokens
    sees every length of them. A run of whitespace counts as one space, none at the ends.

    Attributes:
        shortest: Characters of the shortest run.
        longest: Characters of the longest run.
    """

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
        return "character_ngrams 1"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text."""
        return (self._runs(" ".join(text.split())) for text in well_formed(texts))

    def _runs(self, text: str) -> list[str]:
        shortest, beyond = self.shortest, self.longest + 1
        return [
            text[end - length : end]
            for end in range(1, len(text) + 1)
            for length in range(shortest, min(beyond, end + 1))
        ]
