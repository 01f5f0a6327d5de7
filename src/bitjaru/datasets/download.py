"""Getting a file from its official address, once and whole."""

import hashlib
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bitjaru.errors import DataError
from bitjaru.terminal import progress

if TYPE_CHECKING:
    import requests

PAUSES = (0.5, 1.0)  # seconds before another attempt, when the last one brought nothing
TIMEOUTS = (10.0, 60.0)  # seconds to connect, and between two pieces
PIECE = 1 << 13  # bytes; of a piece that is cut off nothing is kept
log = logging.getLogger(__name__)


def download(url: str, target: Path, *, sha256: str | None) -> None:
    """Makes sure that `target` holds the file that is published at `url`.

    A file that is there already is downloaded again only if its sum is wrong. While a download lasts it is
    written to `*.partial`, which a later call goes on with; other processes that want the file wait.

    Args:
        url: Where the file is published.
        target: Where it shall be.
        sha256: Of the published file; None takes whatever comes.

    Raises:
        DataError: If the address cannot be reached, sends another file, or the folder cannot be written.
    """
    from filelock import FileLock

    if _holds(target, sha256):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not _holds(target, sha256):
                _replace(target, url, sha256)
    except OSError as error:
        raise DataError(
            f"The folder for downloads, {target.parent}, must be writable and have room. Received: {error}. "
            "Free some space, or name another folder in the environment variable BITJARU_CACHE."
        ) from error


def _holds(path: Path, sha256: str | None) -> bool:
    return path.is_file() and sha256 in {None, _sha256(path)}


def _replace(target: Path, url: str, sha256: str | None) -> None:
    if target.exists():
        log.warning("%s is damaged: it is downloaded again.", target)
    partial = target.with_name(f"{target.name}.partial")
    if sha256 is None:
        partial.unlink(missing_ok=True)  # nothing could tell whether an old beginning fits
    continued = partial.exists()
    _receive(url, partial)
    if continued and _sha256(partial) != sha256:
        partial.unlink()
        _receive(url, partial)
    _check(url, partial, sha256)
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(target)


def _check(url: str, partial: Path, sha256: str | None) -> None:
    received = _sha256(partial)
    if sha256 in {None, received}:
        return
    partial.unlink()
    raise DataError(
        f"The file at {url} must have the sha256 {sha256}. Received: {received}. Nothing of it was kept. Try again; "
        "if its publisher changed it, look at the new file and write its sum into the data set's YAML in conf/dataset."
    )


def _receive(url: str, partial: Path) -> None:
    """Downloads until the file is complete; gives up after several attempts in a row that brought nothing."""
    import requests

    failures = 0
    while True:
        before = _size(partial)
        try:
            return _append(url, partial)
        except requests.RequestException as error:
            failures = 0 if _size(partial) > before else failures + 1
            if failures > len(PAUSES) or _is_refusal(error):
                raise _unreachable(url, error) from error
            log.warning("The download of %s broke off at %s bytes: trying again.", url, f"{_size(partial):,}")
            time.sleep(PAUSES[max(failures - 1, 0)])


def _append(url: str, partial: Path) -> None:
    import requests

    start = _size(partial)
    # A compressed answer would make byte ranges mean something else.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUTS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            partial.unlink()
            raise requests.ConnectionError(f"there is nothing after byte {start:,}", response=response)
        response.raise_for_status()
        _write(response, partial, start=start if response.status_code == requests.codes.partial_content else 0)


def _write(response: "requests.Response", partial: Path, *, start: int) -> None:
    total = start + int(response.headers.get("Content-Length", 0))
    log.info("Downloading %s (%s bytes).", response.url, f"{total:,}")
    with partial.open("ab" if start else "wb") as file, progress(f"Downloading {response.url}", total) as advance:
        advance(start)
        for piece in response.iter_content(PIECE):
            file.write(piece)
            advance(len(piece))


def _is_refusal(error: "requests.RequestException") -> bool:
    """Tells whether the server understood and said no: asking again would not help."""
    import requests

    status = error.response.status_code if error.response is not None else None
    return status is not None and 400 <= status < 500 and status != requests.codes.requested_range_not_satisfiable


def _unreachable(url: str, error: Exception) -> DataError:
    name = url.rsplit("/", 1)[-1]
    return DataError(
        f"The address {url} must be reachable to download the data set. Received: {error}. Download {name} on another "
        "machine, put it (plain or .gz) into a folder and name that folder: `dataset.path=FOLDER`, or the environment "
        "variable BITJARU_DATA=FOLDER."
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
