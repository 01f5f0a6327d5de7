"""Files that others read: the old content or the new one, never half of it, and damage is noticed.

A disk or a copy may change bytes without a word. A digit of a figure that became another one still is JSON, so what
our own records hold is sealed with a checksum; what stands without one was written before there were any.
"""

import json
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SEAL = "check"
# What NumPy and zipfile raise for bytes that were an archive of arrays; a shape that was changed asks for any memory.
NOT_ARRAYS: tuple[type[Exception], ...] = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, IndexError, AttributeError),
    *(MemoryError, OverflowError, struct.error, zlib.error, zipfile.BadZipFile),
)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path` to write to; on success it takes the place of `path`.

    An exception removes the temporary file and leaves what stood at `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sealed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields of a JSON object with their checksum."""
    return {**fields, SEAL: _checksum(fields)}


def unsealed(fields: Any) -> dict[str, Any]:
    """Returns the fields without their checksum.

    Args:
        fields: Read from JSON.

    Raises:
        ValueError: If it is no object, or not the one that was sealed.
    """
    if not isinstance(fields, dict):
        raise ValueError("it is no JSON object")
    own = {name: value for name, value in fields.items() if name != SEAL}
    if SEAL in fields and fields[SEAL] != _checksum(own):
        raise ValueError("its checksum is another one, so that it was damaged or changed")
    return own


def _checksum(fields: Mapping[str, Any]) -> str:
    read_back = json.loads(json.dumps(fields))  # a key that is a number comes back as a text, and is sorted as one
    return f"{zlib.crc32(json.dumps(read_back, sort_keys=True).encode()):08x}"
