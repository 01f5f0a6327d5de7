"""The manifest of a saved model: every file with its size and sha256, so that whoever changes one is found out.

A bundle has one. The MLflow model around it has another, of what MLflow keeps beside the bundle: the code above all.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bitjaru.data.stored import read_json
from bitjaru.errors import BundleError
from bitjaru.files import write_text

FILE, SIGNATURE = "manifest.json", "manifest.json.sig"
FORMAT = 1
BLOCK = 1 << 20
MOST_BYTES = 8 << 30  # of a model, unpacked: a packed file of a few kilobytes may hold terabytes of zeros
MOST_LISTED = 16 << 20  # bytes of a manifest
ARCHIVES = (".npz", ".keras", ".zip")
WRITTEN_BY_PYTHON = (
    "Python writes such files beside code that it runs: delete `__pycache__` if that was you, and look again"
)


def write(folder: Path, *, around: str | None = None) -> None:
    """Lists every file of a folder as it is now; a manifest that stands there is replaced, its signature removed.

    Args:
        folder: Whose files are listed.
        around: A folder in it that has a manifest of its own: of that only the manifest is listed.
    """
    (folder / SIGNATURE).unlink(missing_ok=True)
    files = {name: {"bytes": path.stat().st_size, "sha256": sha256(path)} for name, path in _files(folder, around)}
    write_text(folder / FILE, json.dumps({"format": FORMAT, "files": files}, ensure_ascii=False, indent=1) + "\n")


def check(folder: Path, *, around: str | None = None) -> None:
    """Compares a folder with its manifest; nothing of its files is read as anything but bytes.

    Args:
        folder: Whose files are compared.
        around: As it was written.

    Raises:
        BundleError: If a file was changed, added or taken away, lies elsewhere, or is too large.
    """
    listed = _listed(folder)
    found = dict(_files(folder, around))
    for differs in (_difference, _other_content):  # what costs little first
        for name in sorted(set(listed) | set(found)):
            if (why := differs(folder, found.get(name), listed.get(name))) is not None:
                raise BundleError(
                    f"A model's files must be those that were saved. Received: `{name}` in {folder}, {why}. "
                    f"{WRITTEN_BY_PYTHON if '__pycache__' in name else 'Do not use it; fetch or train it again'}."
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


def _files(folder: Path, around: str | None) -> Iterator[tuple[str, Path]]:
    """Yields name and path of whatever is no folder, but the manifest and its signature."""
    own = {folder / FILE, folder / SIGNATURE}
    inner = None if around is None else folder / around
    for path in sorted(folder.rglob("*")):
        if path in own or (path.is_dir() and not path.is_symlink()):
            continue
        if inner is None or not path.is_relative_to(inner) or path == inner / FILE:
            yield path.relative_to(folder).as_posix(), path


def _listed(folder: Path) -> Mapping[str, Any]:
    if not (folder / FILE).is_file():
        raise _without(folder)
    try:
        kept = read_json(folder / FILE, most=MOST_LISTED)
        files: Mapping[str, Any] = kept["files"]
        if kept["format"] != FORMAT or not all({"bytes", "sha256"} <= set(each) for each in files.values()):
            raise ValueError(f"format {kept['format']}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError(f"`{folder / FILE}` must list the model's files. Received: {error}.") from error
    return files


def _difference(folder: Path, path: Path | None, listed: Mapping[str, Any] | None) -> str | None:
    if path is None:
        return "which is missing"
    if listed is None:
        return "which was added"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "which lies elsewhere"
    if not path.is_file():
        return "which is no plain file"
    if path.stat().st_size != listed["bytes"]:
        return f"of {path.stat().st_size:,} bytes instead of {listed['bytes']:,}"
    return None


def _other_content(_: Path, path: Path | None, listed: Mapping[str, Any] | None) -> str | None:
    same = path is None or listed is None or sha256(path) == listed["sha256"]
    return None if same else "whose sha256 is another one"


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
