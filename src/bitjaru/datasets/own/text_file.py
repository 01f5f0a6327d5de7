"""A text file, plain or compressed: its first lines, and why it cannot be decoded."""

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import IO, Any

from bitjaru.errors import ConfigError, DataError

LOOKED_AT = 200
KOREAN = "cp949"  # what Excel in Korea writes
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def opened(path: Path) -> IO[bytes]:
    """Opens a file, unpacked."""
    if path.suffix.lower() == ".zip":
        archive = zipfile.ZipFile(path)
        return archive.open(archive.namelist()[0])
    opener: Any = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(path.suffix.lower(), open)
    return opener(path, "rb")  # type: ignore[no-any-return]


def first_lines(path: Path, encoding: str) -> list[str]:
    """Returns the first lines of a text file that are not empty, without a byte order mark."""
    with io.TextIOWrapper(opened(path), encoding=without_mark(encoding), newline="") as file:
        return [line for _, line in zip(range(LOOKED_AT), file, strict=False) if line.strip()]


def without_mark(encoding: str) -> str:
    """Returns the encoding that takes a byte order mark away, where there may be one."""
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def check_encoding(encoding: str) -> None:
    """Refuses an encoding that does not exist.

    Raises:
        ConfigError: If Python knows none of that name.
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise ConfigError(
            f"`dataset.encoding` must be one that Python knows, as utf-8, cp949 or utf-16. Received: {encoding}."
        ) from error


def not_decoded(path: Path, encoding: str) -> DataError:
    """Says in which line a file stops being what it was taken for, and what it seems to be instead."""
    other = "utf-8" if codecs.lookup(encoding).name == KOREAN else KOREAN
    wrong: dict[str, int] = {}
    with opened(path) as file:
        start = file.read(2)
        file.seek(0)
        for number, line in enumerate(file, start=1):
            for each in {encoding, other} - set(wrong):
                if not _is_text(line, each):
                    wrong[each] = number
            if len(wrong) == 2:
                break
    where = f"line {wrong[encoding]:,} is not" if encoding in wrong else "bytes that are not"
    if start in UTF16:
        advice = "It begins as UTF-16 does: `dataset.encoding=utf-16`."
    elif other not in wrong:
        advice = f"All of it can be read as {other.upper()}, as Excel in Korea writes: `dataset.encoding={other}`."
        advice = advice if other == KOREAN else "All of it can be read as UTF-8: leave `dataset.encoding` out."
    else:
        advice = (
            f"As {other.upper()} it cannot be read either, for line {wrong[other]:,}: it is in another encoding, in "
            "several, or no text. Save it anew as UTF-8."
        )
    return DataError(f"{path.name} must be {encoding} throughout. Received: {where}. {advice}")


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
