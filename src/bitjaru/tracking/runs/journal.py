"""The record of a run in its own folder: what was told about it, and how much of that MLflow has."""

import dataclasses
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitjaru.errors import TrackingError
from bitjaru.files import SEAL, sealed, unsealed, write_text

FOLDER = "tracking"
log = logging.getLogger(__name__)


class DamagedJournalError(TrackingError):
    """A run's journal is not what was written."""


@dataclass(frozen=True)
class Journal:
    """A file of JSON lines that only grows.

    Attributes:
        folder: Of the run.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """Where the lines are."""
        return self.folder / FOLDER / "journal.jsonl"

    def append(self, line: Mapping[str, Any]) -> None:
        """Adds one line, whole or not at all.

        Raises:
            TrackingError: If the run's folder cannot be written, for example because the disk is full.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            kept = line if self._is_of_before() else sealed(line)
            self._write((json.dumps(kept) + "\n").encode())
        except OSError as error:
            raise TrackingError(
                f"A run's folder must be writable. Received: {self.folder}: {error}. Make room there, or choose "
                "another folder with `hydra.run.dir=` (`hydra.sweep.dir=` for several runs)."
            ) from error

    def _write(self, data: bytes) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            size = os.fstat(file).st_size
            if os.write(file, data) != len(data):
                os.ftruncate(file, size)
                raise OSError("no space left for a whole line")
        finally:
            os.close(file)

    def lines(self) -> list[dict[str, Any]]:
        """Returns every whole line. What a dying machine left half written is none.

        Raises:
            TrackingError: If a line is not what was written.
        """
        *whole, rest = self._content().split(b"\n")
        if rest and _is_sealed(rest[:-1]):
            whole.append(rest)  # not half a line, but one whose end became another byte
        checked = any(map(_is_sealed, whole))
        return [self._line(number, line, checked=checked) for number, line in enumerate(whole, start=1)]

    def _line(self, number: int, line: bytes, *, checked: bool) -> dict[str, Any]:
        """Reads a line. Those of an earlier version have no checksum, and then none of the file has one."""
        try:
            read = json.loads(line)
            fields = unsealed(read)
            if checked and SEAL not in read:
                raise ValueError("it has no checksum, as other lines have")
            return fields
        except ValueError as error:
            raise DamagedJournalError(
                f"A run's journal must hold what was written. Received: {self.path}, line {number}: {error}. Restore "
                "the file, or move the run's folder away and run it again."
            ) from error

    def _is_of_before(self) -> bool:
        """Returns whether an earlier version began the file, which goes on as it began: without checksums."""
        try:
            with self.path.open("rb") as file:
                first = file.readline()
        except FileNotFoundError:
            return False
        return first.endswith(b"\n") and not _is_sealed(first)

    def mend(self) -> None:
        """Cuts off a half-written last line, so that the next one starts where it should, and is sent.

        A machine that lost its power may have kept the note of what was sent and not the line itself: MLflow has it.
        """
        content = self._content()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)
        progress, there = Progress.load(self.folder), content.count(b"\n")
        if progress.sent > there:
            log.warning("%s lacks its last lines, which MLflow has: the run goes on.", self.path)
            dataclasses.replace(progress, sent=there).save(self.folder)

    def _content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError as error:
            raise TrackingError(
                f"A tracked run's folder must hold `{self.path.relative_to(self.folder)}`. Received: {self.folder}. "
                "Give the folder of a run."
            ) from error


def _is_sealed(line: bytes) -> bool:
    try:
        return SEAL in json.loads(line)
    except (ValueError, TypeError):
        return False


@dataclass(frozen=True)
class Progress:
    """How far MLflow has come with a journal.

    Attributes:
        sent: Lines that MLflow has, from the first.
        experiment_id: Of the run's experiment; None before the run was created.
        run_id: None before the run was created.
        model_id: Of the logged model; None while there is none.
    """

    sent: int = 0
    experiment_id: str | None = None
    run_id: str | None = None
    model_id: str | None = None

    @classmethod
    def load(cls, folder: Path) -> "Progress":
        """Reads it from a run's folder.

        Nothing was sent where there is no such file; and a damaged one counts for nothing, since what is sent twice
        is there once.
        """
        path = folder / FOLDER / "progress.json"
        try:
            return cls(**unsealed(json.loads(path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            return cls()
        except (ValueError, TypeError) as error:
            log.warning("How much of a run MLflow has is not known (%s: %s): it is sent anew.", path, error)
            return cls()

    def save(self, folder: Path) -> None:
        """Writes it, atomically."""
        write_text(folder / FOLDER / "progress.json", json.dumps(sealed(dataclasses.asdict(self))))
