"""English words in lower case without punctuation, as the IMDB data was cut."""

from collections.abc import Iterator, Sequence
from string import ascii_lowercase, ascii_uppercase

from bitjaru.options import part
from bitjaru.tokenizers.well_formed import well_formed

# The apostrophe is no separator: "don't" is one word.
SEPARATORS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n\r'
# Only A-Z become small. The IMDB data was lower-cased as bytes, so its words may hold `É`; a text that was put
# together from them must come back as it was.
CHANGES = str.maketrans(ascii_uppercase + SEPARATORS, ascii_lowercase + " " * len(SEPARATORS))


@part
class Words:
    """Lower-cases, drops punctuation but the apostrophe, and splits at spaces.

    The rule of `keras.datasets.imdb`: text put together from its words gives those words again.
    """

    @property
    def engine(self) -> str:
        """This file's own rule; the number grows when its tokens change."""
        return "words 1"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text."""
        # Splitting at the space alone: IMDB words hold other characters that Python counts as whitespace.
        return ([word for word in text.translate(CHANGES).split(" ") if word] for text in well_formed(texts))
