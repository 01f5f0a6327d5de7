"""Reading NumPy object arrays of numbers from an `.npz` file without trusting it.

`numpy.load(allow_pickle=True)` would run whatever code a file names. Here a pickle may only make NumPy arrays
and what they hold: lists and numbers.
"""

import io
import pickle
import zipfile
import zlib
from typing import Any

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


def object_arrays(content: Content, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Reads some arrays of an `.npz` file.

    Raises:
        DataError: If the file is no such archive, an array is missing, or it holds anything but lists and numbers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content.data)) as archive:
            return {name: _array(archive.read(f"{name}.npy")) for name in names}
    except DAMAGE as error:
        raise DataError(
            f"{content.source} must be an .npz file with the arrays {', '.join(names)}, made of lists and numbers. "
            f"Received: {error}. Replace it by the published file."
        ) from error


class _NumbersOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"a pickle that asks for {module}.{name}")
        return super().find_class(module, name)


def _array(data: bytes) -> NDArray[Any]:
    file = io.BytesIO(data)
    version = npy.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"an array in format {version}")
    _, _, dtype = npy.read_array_header_1_0(file)
    if dtype.hasobject:
        return np.asarray(_NumbersOnly(file).load(), dtype=object)
    file.seek(0)
    return npy.read_array(file, allow_pickle=False)
