"""Many texts in one array of bytes, which processes can share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

ERRORS = "surrogatepass"  # half a pair of surrogates is no text, but a file may hold one


@dataclass(frozen=True, eq=False)
class Texts(Sequence[str]):
    """N texts in UTF-8, L bytes in all; one becomes a string when it is asked for.

    Attributes:
        content: (L,) uint8.
        offsets: (N + 1,) int64, from 0 to L.
    """

    content: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """Packs strings."""
        encoded = [text.encode(errors=ERRORS) for text in texts]
        ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Characters of each text, (N,), without making strings: a byte 10xxxxxx goes on with a character."""
        filled = np.diff(self.offsets) > 0
        found = np.zeros(len(self), np.int64)
        if filled.any():
            begins = (self.content & 0xC0) != 0x80
            found[filled] = np.add.reduceat(begins, self.offsets[:-1][filled], dtype=np.int64)
        return found

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[row] for row in range(len(self))[place]]
        row = range(len(self))[place]
        return self.content[self.offsets[row] : self.offsets[row + 1]].tobytes().decode(errors=ERRORS)
