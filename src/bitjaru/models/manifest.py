"""The manifest of a saved model: every file with its size and sha256, so that whoever changes one is found out."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bitjaru.errors import BundleError
from bitjaru.files import write_text

FILE = "manifest.json"
FORMAT = 1
BLOCK = 1 << 20
MOST_BYTES = 8 << 30  # of a model, unpacked: a packed file of a few kilobytes may hold terabytes of zeros
ARCHIVES = (".npz", ".keras", ".zip")


def write(folder: Path) -> None:
    """Lists every file of a folder as it is now; a manifest that stands there is replaced."""
    files = {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in _files(folder)}
    write_text(folder / FILE, json.dumps({"format": FORMAT, "files": files}, ensure_ascii=False, indent=1) + "\n")


def check(folder: Path) -> None:
    """Compares a folder with its manifest; nothing of its files is read as anything but bytes.

    Raises:
        BundleError: If a file was changed, added or taken away, lies elsewhere, or is too large.
    """
    listed = _listed(folder)
    found = dict(_files(folder))
    for name in sorted(set(listed) | set(found)):
        if (why := _difference(folder, found.get(name), listed.get(name))) is not None:
            raise BundleError(
                f"A model's files must be those that were saved. Received: `{name}` in {folder}, {why}. Do not use it; "
                "fetch or train it again."
            )
    if (unpacked := sum(map(_unpacked, found.values()))) > MOST_BYTES:
        raise BundleError(
            f"A model may be at most {MOST_BYTES >> 30} GiB. Received: {unpacked:,} bytes, unpacked, in {folder}."
        )


def sum_of(folder: Path) -> str:
    """Returns the sha256 of the manifest itself, which stands for all files.

    Raises:
        BundleError: If there is none.
    """
    if not (folder / FILE).is_file():
        raise _without(folder)
    return sha256(folder / FILE)


def size(folder: Path, *, without: str) -> int:
    """Returns the bytes of all listed files but those below one folder, by the manifest alone.

    Raises:
        BundleError: If there is none, or it is damaged.
    """
    return sum(int(each["bytes"]) for name, each in _listed(folder).items() if not name.startswith(f"{without}/"))


def sha256(path: Path) -> str:
    """Returns the sum over a file's bytes."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields name and path of every file but the manifests, which members of an ensemble have too."""
    for path in sorted(folder.rglob("*")):
        if (path.is_file() or path.is_symlink()) and path != folder / FILE:
            yield path.relative_to(folder).as_posix(), path


def _listed(folder: Path) -> Mapping[str, Any]:
    if not (folder / FILE).is_file():
        raise _without(folder)
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        files: Mapping[str, Any] = kept["files"]
        if kept["format"] != FORMAT or not all({"bytes", "sha256"} <= set(each) for each in files.values()):
            raise ValueError(f"format {kept['format']}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"`{folder / FILE}` must list the model's files. Received: {error}.") from error
    return files


def _difference(folder: Path, path: Path | None, listed: Mapping[str, Any] | None) -> str | None:
    if path is None:
        return "which is missing"
    if listed is None:
        return "which was added"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "which lies elsewhere"
    if path.stat().st_size != listed["bytes"]:
        return f"of {path.stat().st_size:,} bytes instead of {listed['bytes']:,}"
    return None if sha256(path) == listed["sha256"] else "whose sha256 is another one"


def _unpacked(path: Path) -> int:
    if path.suffix not in ARCHIVES:
        return path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(each.file_size for each in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        return path.stat().st_size  # whoever reads it says what is wrong with it


def _without(folder: Path) -> BundleError:
    return BundleError(f"A model must have its manifest, `{FILE}`. Received: {folder}, without one. Train it again.")
