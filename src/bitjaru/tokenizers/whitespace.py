"""Words as they stand between spaces."""

from collections.abc import Iterator, Sequence

from bitjaru.options import part
from bitjaru.tokenizers.well_formed import well_formed


@part
class Whitespace:
    """Splits at every run of whitespace and changes nothing else."""

    @property
    def engine(self) -> str:
        """This file's own rule; the number grows when its tokens change."""
        return "whitespace 1"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text."""
        return (text.split() for text in well_formed(texts))
