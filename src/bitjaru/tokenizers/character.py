"""Single characters: for Korean, syllables."""

from collections.abc import Iterator, Sequence

from bitjaru.options import part
from bitjaru.tokenizers.well_formed import well_formed


@part
class Character:
    """Takes every character as a token.

    Attributes:
        spaces: Whether spaces are tokens too. A run of whitespace counts as one space, none at the ends.
    """

    spaces: bool

    @property
    def engine(self) -> str:
        """This file's own rule; the number grows when its tokens change."""
        return "character 1"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text."""
        glue = " " if self.spaces else ""
        return (list(glue.join(text.split())) for text in well_formed(texts))
