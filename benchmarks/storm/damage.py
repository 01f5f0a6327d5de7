"""Bytes that change on the disk: each file that we write is flipped, cut and emptied, and then read as we read it.

    python -m storm.damage HOME --cases 200 --seed 1

Prints one JSON line a case: the file, what was done to it, and what came of it: `error` (a sentence), `equal` (what was
read is what was written), `again` (it counts for nothing and is made again), or a finding, `traceback` or `wrong`.
"""

import argparse
import json
import logging
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitjaru.errors import BitjaruError

AGAIN = "made again"


@dataclass(frozen=True)
class Subject:
    """A kind of file, and how it is read.

    Attributes:
        name: For people.
        files: Those of them that are there.
        read: Reads them as we do, and returns what must be the same each time.
    """

    name: str
    files: tuple[Path, ...]
    read: Callable[[], Any]


@contextmanager
def damaged(path: Path, chance: random.Random) -> Iterator[str]:
    """Flips some bits of a file, cuts it or empties it; afterwards it is as it was."""
    content = path.read_bytes()
    status = path.stat()
    kind = chance.choices(("flip", "cut", "empty"), weights=(8, 3, 1))[0] if content else "flip"
    if kind == "flip":
        changed = bytearray(content or b"\0")
        for _ in range(chance.choice((1, 1, 1, 4))):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    else:
        changed = bytearray(content[: chance.randrange(len(content))] if kind == "cut" else b"")
    write(path, bytes(changed))
    try:
        yield kind
    finally:
        write(path, content)
        path.chmod(status.st_mode)


def write(path: Path, content: bytes) -> None:
    """Writes in place: what holds the file open sees it too."""
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(content)


def outcome_of(subject: Subject, expected: Any) -> tuple[str, str]:
    """Reads a damaged file; returns what came of it, and its words."""
    try:
        found = subject.read()
    except BitjaruError as error:
        sentence = str(error).strip()
        return ("error", sentence) if "\n" not in sentence else ("traceback", f"several lines: {sentence}")
    except Exception:
        return "traceback", traceback.format_exc()
    if isinstance(found, str) and found == AGAIN:
        return "again", ""
    if same(found, expected):
        return "equal", ""
    return "wrong", f"{str(expected)[:400]} became {str(found)[:400]}"


def same(one: Any, other: Any) -> bool:
    """Compares what was read."""
    import numpy as np

    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def storm(subjects: list[Subject], chance: random.Random, cases: int) -> Iterator[dict[str, str]]:
    """Damages one file after the other, each kind as often as the others."""
    expected = {subject.name: subject.read() for subject in subjects}
    for number in range(cases):
        subject = subjects[number % len(subjects)]
        path = chance.choice(subject.files)
        with damaged(path, chance) as kind:
            result, said = outcome_of(subject, expected[subject.name])
        yield {"subject": subject.name, "file": path.name, "kind": kind, "result": result, "said": said}


def main() -> None:
    """Runs the cases."""
    from storm import written

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="One kind of file.")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    subjects = [each for each in written.subjects(options.home) if options.only in (None, each.name)]
    for line in storm(subjects, random.Random(options.seed), options.cases):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
