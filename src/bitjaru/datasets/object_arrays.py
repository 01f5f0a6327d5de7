"""Reading lists of numbers from the object arrays of an `.npz` file without trusting it.

`numpy.load(allow_pickle=True)` would run whatever code a file names. Here a pickle may only make NumPy arrays
and what they hold: lists and numbers.
"""

import io
import pickle
import zipfile
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from bitjaru.datasets.published import Content
from bitjaru.errors import DataError

ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),  # as NumPy 1 wrote it
    ("numpy._core.multiarray", "_reconstruct"),
    ("_codecs", "encode"),  # how pickle protocol 2 writes bytes
}
# What these readers raise on a file that is cut off, or is something else.
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, pickle.UnpicklingError, NotImplementedError),
    *(ArithmeticError, AttributeError, EOFError, LookupError, TypeError, ValueError),
)


@dataclass(frozen=True)
class Lists:
    """N lists of whole numbers, one after the other: a list of Python's holds each number in ten times the memory.

    Attributes:
        numbers: (L,) int32, those of list `n` from `offsets[n]` to `offsets[n + 1]`.
        offsets: (N + 1,) int64, from 0 to L.
    """

    numbers: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "Lists":
        """Puts the lists one after the other.

        Raises:
            TypeError: If a row is no list, or holds anything but whole numbers.
            OverflowError: If a number does not fit.
        """
        numbers = array("i")
        for row in rows:
            numbers.extend(row)
        return cls(np.array(numbers, np.int32), np.array([0, *accumulate(map(len, rows))], np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True)
class Archive:
    """What was read of an `.npz` file, by name: the object arrays as lists, and the arrays of numbers."""

    lists: dict[str, Lists]
    arrays: dict[str, NDArray[Any]]


def read_archive(content: Content, *, lists: Sequence[str], arrays: Sequence[str]) -> Archive:
    """Reads some arrays of an `.npz` file.

    Raises:
        DataError: If the file is no such archive, an array is missing, or it holds anything but lists and numbers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            # One after the other: the lists of one array are gone before those of the next are made.
            return Archive(
                {name: _lists(archive, name) for name in lists}, {name: _array(archive, name) for name in arrays}
            )
    except DAMAGE as error:
        raise DataError(
            f"{content.source} must be an .npz file with the arrays {', '.join([*lists, *arrays])}, made of lists of "
            f"whole numbers, and numbers. Received: {error}. Replace it by the published file."
        ) from error


class _NumbersOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"a pickle that asks for {module}.{name}")
        return super().find_class(module, name)


def _lists(archive: zipfile.ZipFile, name: str) -> Lists:
    with archive.open(f"{name}.npy") as file:
        if not _header(file).hasobject:
            raise TypeError(f"an array `{name}` without lists")
        rows = np.asarray(_NumbersOnly(file).load(), dtype=object)
    if rows.ndim != 1:
        raise ValueError(f"an array `{name}` of shape {rows.shape}")
    return Lists.of(rows.tolist())


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as file:
        return npy.read_array(file, allow_pickle=False)


def _header(file: IO[bytes]) -> np.dtype[Any]:
    """Reads what stands before an array's content; returns the type of its elements."""
    version = npy.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"an array in format {version}")
    return npy.read_array_header_1_0(file)[2]
