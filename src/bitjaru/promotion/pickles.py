"""Finding pickles among a model's files: loading one runs whatever its writer wanted to run."""

import pickle
import pickletools
import warnings
import zipfile
from pathlib import Path

SUFFIXES = {".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".h5"}
READ = 1 << 20


def pickles(folder: Path) -> list[str]:
    """Returns the names of files in a folder that are pickles, or archives with one in them."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and _holds_pickle(path))


def _holds_pickle(path: Path) -> bool:
    if path.suffix in SUFFIXES:
        return True
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(_is_pickle(archive.open(name).read(READ)) for name in archive.namelist())
    with path.open("rb") as file:
        return _is_pickle(file.read(READ))


def _is_pickle(content: bytes) -> bool:
    """Protocol 2 and newer begin with an opcode and their number; older ones have no mark and end with a full stop."""
    if content[:1] == pickle.PROTO:
        return b"\x02" <= content[1:2] <= bytes([pickle.HIGHEST_PROTOCOL])
    if not content.endswith(pickle.STOP) or len(content) == READ:
        return False
    try:
        with warnings.catch_warnings(action="ignore"):  # of escapes, in bytes that mean something else
            return bool(list(pickletools.genops(content)))
    except (ValueError, UnicodeDecodeError):
        return False
