"""The key under which tokens are kept: equal keys, equal tokens."""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final, get_type_hints

import numpy as np

from bitjaru import formats
from bitjaru.tokenizers import Tokenizer

JOINED = 1024
SPEED_ONLY: Final = "changes the speed and never the tokens"
"""Marks a tokenizer's knob that stays out of the key: `threads: Annotated[PositiveInt | None, SPEED_ONLY]`."""


def key_of(tokenizer: Tokenizer, texts: Sequence[str]) -> str:
    """Returns a SHA-256 over everything that decides the tokens of `texts`.

    That is: the texts, the tokenizer's class and its options, the analyser's name and version, and the
    format of the cache. Texts given in sorted order without duplicates have one key however they are split.
    """
    kind = type(tokenizer)
    stated = {
        "format": formats.TOKENS,
        "tokenizer": f"{kind.__module__}.{kind.__qualname__}",
        "options": options(tokenizer),
        "engine": tokenizer.engine,
        "texts": fingerprint(texts),
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def options(tokenizer: Tokenizer) -> dict[str, Any]:
    """Returns the tokenizer's knobs and their values, without those that change only its speed."""
    if not dataclasses.is_dataclass(tokenizer):
        return {}
    hints = get_type_hints(type(tokenizer), include_extras=True)
    return {
        field.name: getattr(tokenizer, field.name)
        for field in dataclasses.fields(tokenizer)
        if SPEED_ONLY not in getattr(hints[field.name], "__metadata__", ())
    }


def fingerprint(texts: Sequence[str]) -> str:
    """Returns a SHA-256 over the texts and where each begins."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    content = hashlib.sha256(lengths.astype("<i8").tobytes())
    for start in range(0, len(texts), JOINED):  # not all at once, which would be two more copies of the corpus
        content.update("".join(texts[start : start + JOINED]).encode("utf-8", "surrogatepass"))
    return content.hexdigest()
