"""A vocabulary without a list of words: a hash says the id of each (Weinberger et al. 2009)."""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.data.stored import read_json
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import SPECIALS, Vocabulary
from bitjaru.errors import BundleError
from bitjaru.files import write_text


@dataclass(frozen=True)
class HashedVocabulary:
    """V ids for any number of words, so that every word is known and words may share one; 0 and 1 are no word's.

    Attributes:
        size: V, at least 3.
    """

    size: int

    def __len__(self) -> int:
        return self.size

    @property
    def specials(self) -> tuple[str, ...]:
        """What the first ids stand for."""
        return SPECIALS

    def ids(self, tokens: Tokens) -> NDArray[np.int32]:
        """Returns the id of every token, (L,), in the order of `tokens.codes`."""
        used = np.unique(tokens.codes)  # a list of words may be that of a whole data set
        of_code = np.zeros(len(tokens.words), np.int32)
        hashes = (zlib.crc32(tokens.words[code].encode("utf-8", "surrogatepass")) for code in used)
        of_code[used] = np.fromiter(hashes, np.int64, len(used)) % (self.size - len(SPECIALS)) + len(SPECIALS)
        return of_code[tokens.codes]

    def knows(self, tokens: Tokens) -> NDArray[np.bool_]:
        """Returns whether every token is known, (L,): it is."""
        return np.ones(len(tokens.codes), np.bool_)

    def save(self, path: Path) -> None:
        """Writes a JSON object with its size."""
        write_text(path, json.dumps({"hashed": self.size}))


AnyVocabulary = Vocabulary | HashedVocabulary


def read_vocabulary(path: Path) -> AnyVocabulary:
    """Reads what either kind of vocabulary wrote.

    Raises:
        BundleError: If the file is missing or holds neither.
    """
    try:
        stored: Any = read_json(path)
        if isinstance(stored, dict) and isinstance(stored["hashed"], int) and stored["hashed"] > len(SPECIALS):
            return HashedVocabulary(stored["hashed"])
        return Vocabulary(tuple(stored))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BundleError(f"`{path}` must hold a vocabulary. Received: {error}. Train the model again.") from error
