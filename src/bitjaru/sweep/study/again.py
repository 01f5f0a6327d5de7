"""The command line that runs a trial's parameters once, outside the search."""

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bitjaru import project

FLAGS = ("--config-name", "-cn", "--config-path", "-cp", "--config-dir", "-cd")  # without them it is another config
SEARCHPATH = "hydra.searchpath="


@dataclass(frozen=True)
class Again:
    """A program as it was typed.

    Attributes:
        started: Words before the overrides.
        ended: Words after them.
    """

    started: Sequence[str]
    ended: Sequence[str] = ()

    @classmethod
    def typed(cls, *, starts_searches: bool) -> "Again":
        """Takes from this process's command line what another config would be without.

        Args:
            starts_searches: Whether the program's own config says `hydra.mode: MULTIRUN`, so that it has to be told
                to run once.
        """
        return cls([*_program(), *_kept(sys.argv[1:])], ["hydra.mode=RUN"] if starts_searches else [])

    def once(self, overrides: Sequence[str]) -> str:
        """Returns the command line that runs with these overrides."""
        lines = [*project.one_run(overrides), *self.ended]
        return shlex.join([*self.started, *dict.fromkeys(lines)])


def _program() -> list[str]:
    started = Path(sys.argv[0])
    if started.name in ("bitjaru train", "bitjaru") or started.parts[-3:] == ("bitjaru", "commands", "train.py"):
        return ["bitjaru", "train"]
    return ["python", os.path.relpath(started)] if started.is_file() else ["python", str(started)]


def _kept(arguments: Sequence[str]) -> Iterator[str]:
    words = iter(arguments)
    for word in words:
        if word in FLAGS:
            yield word
            yield next(words, "")
        elif word.startswith((*(f"{flag}=" for flag in FLAGS), SEARCHPATH)):
            yield word
