"""A published file: where its local copy may be, what it is checked against, and its content."""

import hashlib
import logging
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field

from bitjaru import project
from bitjaru.data.stored import unpacked
from bitjaru.datasets.download import download
from bitjaru.errors import DataError
from bitjaru.options import part

GZIP = b"\x1f\x8b"
LocalPath = Annotated[str, Field(min_length=1)]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Content:
    """The bytes of a file, unpacked if it was a `.gz`.

    Attributes:
        name: The file's name without folders.
        source: The address or path that it came from.
        data: All of it.
    """

    name: str
    source: str
    data: bytes

    @cached_property
    def sha256(self) -> str:
        """Over all of `data`."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def text(self) -> str:
        """The content as text.

        Raises:
            DataError: If it is not UTF-8; names the line.
        """
        try:
            return self.data.decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            raise DataError(
                f"{self.source} must be UTF-8. Received: byte 0x{self.data[error.start]:02x} in line {line}. "
                "Convert the file, for example with `iconv -f cp949 -t utf-8`."
            ) from error


@part
class PublishedFile:
    """A file at an official address.

    Attributes:
        name: Its path below the folder of local files, such as `nsmc/ratings_train.txt`.
        url: Its official address.
        sha256: Of the official file; null where nobody published it.
    """

    name: Annotated[str, Field(min_length=1)]
    url: Annotated[str, Field(pattern="^https?://")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None

    def read(self, path: str | None) -> Content:
        """Reads the local copy at `path` or in `BITJARU_DATA`, else the cached download.

        Raises:
            DataError: If the file is missing, unreadable, or cannot be downloaded.
        """
        if path is not None:
            place = Path(path).expanduser()
            return self._local(place if place.is_file() else _inside(place, self.name, setting="dataset.path"))
        if folder := os.environ.get("BITJARU_DATA"):
            return self._local(_inside(Path(folder).expanduser(), self.name, setting="BITJARU_DATA"))
        return self._downloaded()

    def _local(self, file: Path) -> Content:
        content = read_file(file, source=str(file.resolve()))
        if self.sha256 not in {None, content.sha256}:
            log.info("%s (sha256 %s) differs from the official file (%s).", file, content.sha256, self.sha256)
        return content

    def _downloaded(self) -> Content:
        file = project.cache() / "datasets" / self.name
        download(self.url, file, sha256=self.sha256)
        content = read_file(file, source=self.url)
        if self.sha256 is None:
            log.warning("No sha256 of %s is known: %s was recorded, not checked.", self.url, content.sha256)
        return content


def read_all(files: Sequence[PublishedFile], path: str | None, *, advice: str) -> list[Content]:
    """Reads every file of a data set.

    Args:
        files: What the data set is made of.
        path: A folder that holds them all, the file itself if there is only one, or None.
        advice: What to do when `path` is a file but the data set has several.

    Raises:
        DataError: If one is missing, unreadable, or cannot be downloaded.
    """
    if path is not None and len(files) > 1 and Path(path).expanduser().is_file():
        names = " and ".join(file.name for file in files)
        raise DataError(f"`dataset.path` must be a folder that holds {names}. Received: the file {path}. {advice}")
    return [file.read(path) for file in files]


def sha256_of(contents: Sequence[Content]) -> str:
    """Returns the sum over all contents, one after the other; of a single file it is the file's own."""
    total = hashlib.sha256()
    for content in contents:
        total.update(content.data)
    return total.hexdigest()


def _inside(folder: Path, name: str, *, setting: str) -> Path:
    """Finds a file in a folder that is laid out like the project's cache, or holds just these files."""
    for wanted in (name, f"{name}.gz", PurePosixPath(name).name, f"{PurePosixPath(name).name}.gz"):
        if (folder / wanted).is_file():
            return folder / wanted
    raise DataError(
        f"`{setting}` must name a folder that holds {name} (plain or .gz). Received: {folder}, "
        f"{'where it is missing' if folder.is_dir() else 'which does not exist'}. Put the file there, or take "
        f"`{setting}` away to have it downloaded."
    )


def read_file(file: Path, *, source: str) -> Content:
    """Reads a file, unpacked if it is a `.gz`.

    Raises:
        DataError: If it is missing or cannot be read.
    """
    try:
        data = file.read_bytes()
        plain = unpacked(data) if data.startswith(GZIP) else data
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(
            f"{file} must be a readable file, plain or .gz. Received: {error}. Replace it by a good copy."
        ) from error
    return Content(file.name.removesuffix(".gz"), source, plain)
