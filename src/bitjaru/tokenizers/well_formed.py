"""Texts that every analyser, file and database can hold."""

import re
from collections.abc import Iterable, Iterator

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = dict.fromkeys(range(ord(" ")), " ")


def well_formed(texts: Iterable[str]) -> Iterator[str]:
    """Yields the texts with every lone surrogate replaced by U+FFFD.

    A lone surrogate is half a character, left by JSON or by a wrong decoding. No encoding can write it.
    """
    return (_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text) for text in texts)


def one_line(texts: Iterable[str]) -> Iterator[str]:
    """Yields well-formed texts with one space for each run of whitespace and control characters, none at the ends.

    Analysers fail on such characters without a word: Komoran makes nothing of a whole text that ends in a space.
    """
    return (" ".join(text.translate(_SPACES).split()) for text in well_formed(texts))
