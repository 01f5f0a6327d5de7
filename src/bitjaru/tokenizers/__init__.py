"""Tokenizers: from texts to tokens, one file an analyser. `bitjaru.preparation.token_cache` keeps what they found."""

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Tokenizer(Protocol):
    """Cuts texts into tokens."""

    @property
    def engine(self) -> str:
        """Name and version of the analyser and its model, known without starting it; part of the cache key."""

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text, in order; a text may have none.

        Raises:
            TokenizerError: If the analyser cannot start or answers wrongly.
        """
