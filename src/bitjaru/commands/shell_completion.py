"""What Tab offers behind `bitjaru train`: Hydra's groups, options and keys, once `bitjaru --install-completion` ran."""

import io
import os
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout

from bitjaru import project
from bitjaru.commands import train

ASKS = "_BITJARU_COMPLETE"  # set by the script that Typer installs, with the words typed so far in COMP_WORDS
BREAKS = "=:@"  # bash makes a word of each of these
SWEEPS = "sweeps"
OPEN = ("=", ".", "/")  # how an answer ends that something must follow
_AFTER_BREAK = re.compile(rf"[^{BREAKS}]*$")


def bash_asks() -> bool:
    """Tells whether bash asks what may follow `bitjaru train`. Other shells leave words whole, and Typer answers."""
    return os.environ.get(ASKS) == "complete_bash" and len(words := _typed()) > 2 and words[1] == "train"


def answer_bash() -> str:
    """Returns a line for each answer: what bash puts in place of the text after the last break."""
    words = whole(_typed()[2:])
    kept = len(_AFTER_BREAK.sub("", words[-1]))
    return "\n".join(answer[kept:] for answer in offered(words))


def offered(words: Sequence[str]) -> list[str]:
    """Returns what the last word may become, which is empty where a new one begins.

    A single answer that something must follow comes with what may follow it, or shells would add a space.
    """
    found = _asked(words)
    if len(found) == 1 and found[0].endswith(OPEN):
        return sorted({*found, *_asked([*words[:-1], found[0]])})
    return found


def whole(pieces: Sequence[str]) -> list[str]:
    """Joins the pieces that bash made of a word: `max_len`, `=`, `20`."""
    words: list[str] = []
    for before, piece in zip(["", *pieces], pieces, strict=False):
        if words and piece and (piece in BREAKS or (before and before in BREAKS)):
            words[-1] += piece
        else:
            words.append(piece)
    return words


def _typed() -> list[str]:
    words = os.environ.get("COMP_WORDS", "").split("\n")
    return words[: int(os.environ.get("COMP_CWORD", "0")) + 1]


def _asked(words: Sequence[str]) -> list[str]:
    """Asks Hydra, which answers for bash on standard output. A command line with a mistake has no answer."""
    before = sys.argv
    os.environ["COMP_LINE"] = " ".join(["bitjaru", *words])
    sys.argv = ["bitjaru train", "-sc", "query=bash"]
    try:
        with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()):
            train.main()
    except SystemExit:
        return []
    finally:
        sys.argv = before
    folders = _no_groups()
    return [answer for answer in said.getvalue().split() if re.split("[=./]", answer.lstrip("+~"))[0] not in folders]


def _no_groups() -> set[str]:
    """Returns the folders beside `sweeps/` where Hydra looks for it: to Hydra each of them is a group."""
    beside = {path.name for folder in (project.package(), project.home()) for path in folder.iterdir() if path.is_dir()}
    return beside - {SWEEPS} - {path.name for folder in project.conf_folders() for path in folder.iterdir()}
