"""Texts that several readers may want as tokens."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from bitjaru.data.tokens import Tokens
from bitjaru.tokenizers import Tokenizer

M = TypeVar("M")


class TokenizedTexts:
    """N cleaned texts. What a tokenizer makes of them is made once, whoever asks for it.

    Args:
        texts: N of them.
        known: What some tokenizers made of them, where that was kept.
    """

    def __init__(self, texts: Sequence[str], known: Iterable[tuple[Tokenizer, Tokens]] = ()) -> None:
        self.texts = texts
        self._tokens = list(known)
        self._read: dict[int, tuple[object, Any]] = {}  # with the reader: its number is its own while it is held

    def __len__(self) -> int:
        return len(self.texts)

    def tokens(self, tokenizer: Tokenizer) -> Tokens:
        """Returns the tokens of each text.

        Raises:
            TokenizerError: If the analyser cannot start.
        """
        for known, tokens in self._tokens:
            if known == tokenizer:
                return tokens
        tokens = Tokens.from_rows(tokenizer.tokenize(self.texts))
        self._tokens.append((tokenizer, tokens))
        return tokens

    def once(self, reader: object, read: Callable[[], M]) -> M:
        """Returns what a reader makes of the texts; it is made at the first call."""
        if id(reader) not in self._read:
            self._read[id(reader)] = reader, read()
        made: M = self._read[id(reader)][1]
        return made
