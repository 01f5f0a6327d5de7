"""Files that travel between a sweep and a node: no disk is shared."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bitjaru.errors import DataError
from bitjaru.files import SEAL, replacing, sealed, unsealed

LEFT_OUT = (".lock", ".tmp", "tracking/progress.json")  # of a process on one side only


@dataclass(frozen=True)
class Freight:
    """Files of a folder.

    Attributes:
        files: Content by path below the folder: those that are new since the last time.
        names: Of all files that the folder has.
        folder: Where it is on the side that sends.
    """

    files: dict[str, bytes]
    names: frozenset[str]
    folder: str

    def unload(self, folder: Path, *, texts: tuple[str, ...] = ()) -> None:
        """Makes a folder as the sender's was; each file is whole, whenever this ends.

        Args:
            folder: Here.
            texts: Files that name the sender's folder, which becomes this one.

        Raises:
            DataError: If a file would lie outside.
        """
        for name, content in self.files.items():
            inner = PurePosixPath(name)
            if inner.is_absolute() or ".." in inner.parts:
                raise DataError(f"A node may only send files of its trial. Received: {name}.")
            known = _moved(content, self.folder, str(folder), inner.suffix) if name in texts else content
            with replacing(folder / inner) as temporary:
                temporary.write_bytes(known)
        for name, path in files_of(folder):
            if name not in self.names:
                path.unlink(missing_ok=True)


def _moved(content: bytes, there: str, here: str, suffix: str) -> bytes:
    """Names another folder in a text; lines of JSON that had a checksum get that of what they say now."""
    if suffix != ".jsonl":
        return content.replace(there.encode(), here.encode())
    return b"\n".join(_moved_line(line, there, here) for line in content.split(b"\n"))


def _moved_line(line: bytes, there: str, here: str) -> bytes:
    moved = line.replace(there.encode(), here.encode())
    if moved == line:
        return line
    try:
        was, now = unsealed(json.loads(line)), json.loads(moved)
    except ValueError:  # half written, or damaged: it stays so, and whoever reads it is told
        return moved
    if SEAL not in now:
        return moved
    return json.dumps(sealed({name: now[name] for name in was})).encode()


@dataclass
class Loading:
    """Loads a folder again and again, each time only what has changed.

    Attributes:
        folder: Of the files.
    """

    folder: Path
    _sent: dict[str, tuple[int, int]] = field(default_factory=dict)

    def load(self) -> Freight:
        """Returns what is new since the last time."""
        files, names = {}, set()
        for name, path in files_of(self.folder):
            try:
                state = path.stat()
                stamp = (state.st_mtime_ns, state.st_size)
                content = path.read_bytes() if self._sent.get(name) != stamp else None
            except FileNotFoundError:  # it has just been replaced
                continue
            names.add(name)
            if content is not None:
                files[name], self._sent[name] = content, stamp
        return Freight(files, frozenset(names), str(self.folder))


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields name and path of every file below a folder that may travel."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.endswith(LEFT_OUT):
            yield name, path
