"""A study's file of lines, each with its checksum: a digit that changed on the disk looks like any other digit."""

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend

from bitjaru.files import sealed, unsealed


@dataclass(frozen=True)
class SealedLog:
    """Fits Optuna's `BaseJournalBackend`. Lines without a checksum are of Optuna itself, its dashboard, or of before.

    Attributes:
        behind: The file. Who reads it without this finds one more name in each line, and leaves it alone.
    """

    behind: JournalFileBackend

    @classmethod
    def of(cls, file: Path) -> "SealedLog":
        """Opens a file, or makes it.

        Raises:
            ValueError: If its last line is not what was written: Optuna takes it for one that a crash left half.
        """
        behind = JournalFileBackend(str(file))
        with file.open("rb") as content:
            last = b"".join(deque(content, maxlen=1))
        if last and last.endswith(b"\n") != _is_json(last[:-1]):
            raise ValueError("its last line is not what was written")
        return cls(behind)

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """Yields what was written.

        Raises:
            ValueError: If a line is not what was written.
        """
        for number, line in enumerate(self.behind.read_logs(log_number_from), start=log_number_from + 1):
            try:
                yield unsealed(line)
            except ValueError as error:
                raise ValueError(f"line {number}: {error}") from error

    def append_logs(self, logs: Sequence[Mapping[str, Any]]) -> None:
        """Writes lines, all of them or none."""
        self.behind.append_logs([sealed(log) for log in logs])


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
