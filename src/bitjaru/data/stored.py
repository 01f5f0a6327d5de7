"""Reading files that may come from a stranger: what they hold is measured before any of it is read.

A model's files may be small and yet ask for all memory there is, or name what lies elsewhere. Whoever reads one gets a
ValueError or an OSError, and says of which file.
"""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_JSON_BYTES = 256 << 20  # a vocabulary of a million words has about 15
MOST_EXPANSION = 100  # times what is stored; of arrays of numbers it is below 20
NEVER_TOO_MUCH = 64 << 20  # bytes, however small they were packed
PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # those that Python unpacks piece by piece
NUMBERS = "biuf"


def inside(folder: Path, name: str) -> Path:
    """Returns the place of a file in a folder.

    Raises:
        ValueError: If the name leads out of it.
    """
    if not (path := folder / name).resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{name!r} leads out of the folder")
    return path


def read_bytes(path: Path, *, most: int) -> bytes:
    """Returns what a plain file holds.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is no plain file, or a larger one.
    """
    if not path.is_file() and path.exists():
        raise ValueError(f"{path.name} is no plain file")
    with path.open("rb") as file:
        content = file.read(min(path.stat().st_size, most) + 1)
    if len(content) > most:
        raise ValueError(f"{path.name} is larger than {most:,} bytes")
    return content


def read_json(path: Path, *, most: int = MOST_JSON_BYTES) -> Any:
    """Returns what a JSON file holds.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it is too large, nested too deep, or not JSON.
    """
    try:
        return json.loads(read_bytes(path, most=most).decode("utf-8"))
    except RecursionError as error:
        raise ValueError(f"{path.name} is nested too deep") from error


def read_arrays(path: Path, names: Sequence[str]) -> Mapping[str, NDArray[Any]]:
    """Returns the arrays of numbers of an `.npz` file, by name; no pickle is opened.

    Raises:
        OSError: If it cannot be read.
        ValueError: If one is missing, holds no numbers, or would take more memory than the file gives reason for.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
            for name in names:
                _check_array(archive, f"{name}.npy")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (zipfile.BadZipFile, KeyError, EOFError, struct.error) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error


def unpacked(content: bytes) -> bytes:
    """Returns what gzip packed.

    Raises:
        OSError: If it is damaged.
        EOFError: If it was cut.
        ValueError: If it is much more than was packed.
    """
    most = max(NEVER_TOO_MUCH, MOST_EXPANSION * len(content))
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        plain = file.read(most + 1)
    if len(plain) > most:
        raise ValueError(
            f"it unpacks to more than {MOST_EXPANSION} times its size; unpack it yourself if that is meant"
        )
    return plain


def check_archive(archive: zipfile.ZipFile) -> None:
    """Looks at the directory of an archive.

    Raises:
        ValueError: If anything in it leads elsewhere, is there twice, or unpacks to much more than it is.
    """
    members = archive.infolist()
    if len({member.filename for member in members}) < len(members):
        raise ValueError("the archive holds two files of one name")
    for member in members:
        if member.filename.startswith("/") or ".." in Path(member.filename).parts or "\\" in member.filename:
            raise ValueError(f"{member.filename!r} leads out of the archive")
        if member.flag_bits & 1 or member.compress_type not in PACKED_AS:
            raise ValueError(f"{member.filename!r} is packed in another way than stored or deflated")
        if member.file_size > max(NEVER_TOO_MUCH, MOST_EXPANSION * member.compress_size):
            raise ValueError(
                f"{member.filename!r} unpacks to {member.file_size:,} bytes from {member.compress_size:,}, more than "
                f"{MOST_EXPANSION} times as much"
            )


def _check_array(archive: zipfile.ZipFile, name: str) -> None:
    """An array's header may ask for any amount of memory: it must be as much as the bytes behind it."""
    member = archive.getinfo(name)
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, kind = read(file)
        begins = file.tell()
    if kind.kind not in NUMBERS:
        raise ValueError(f"{name} must hold numbers, not {kind}")
    asked = kind.itemsize * int(np.prod(shape, dtype=object))
    if asked != member.file_size - begins:
        raise ValueError(f"{name} asks for {asked:,} bytes and has {member.file_size - begins:,}")
