"""Texts that several readers may want as tokens."""

from collections.abc import Iterable, Sequence

from bitjaru.data.tokens import Tokens
from bitjaru.tokenizers import Tokenizer


class TokenizedTexts:
    """N cleaned texts. What a tokenizer makes of them is made once, whoever asks for it.

    Args:
        texts: N of them.
        known: What some tokenizers made of them, where that was kept.
    """

    def __init__(self, texts: Sequence[str], known: Iterable[tuple[Tokenizer, Tokens]] = ()) -> None:
        self.texts = texts
        self._tokens = list(known)

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
