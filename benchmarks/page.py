"""Measures everything and writes `docs/benchmarks.md`: `make bench`, about an hour on two cores.

    BITJARU_DATA=… python benchmarks/page.py [--only NAME ...] [--page-only]

Each benchmark is a process of its own. What it printed is kept in `build/bench/NAME.md`, so that one that was measured
stays on the page when another fails or is measured again; `--page-only` measures nothing.
"""

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from goals import HEADING, RULE, rows_of
from machine import described, work_of_others

CHECKOUT = Path(__file__).resolve().parents[1]
KEPT = CHECKOUT / "build" / "bench"
PAGE = CHECKOUT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Benchmark:
    """What is run, and what it needs.

    Attributes:
        title: Of its section.
        arguments: The script in `benchmarks/`, and its options.
        data: Whether it reads the real corpora.
    """

    title: str
    arguments: Sequence[str]
    data: bool = True

    @property
    def command(self) -> str:
        """As a person would type it."""
        return shlex.join(["python", f"benchmarks/{self.arguments[0]}", *self.arguments[1:]])

    def missing(self) -> str | None:
        """Returns why it cannot run here; None if it can."""
        if self.data and not os.environ.get("BITJARU_DATA"):
            return "`BITJARU_DATA` does not name the folder of the real corpora."
        return None


NSMC_ROWS, IMDB_ROWS = "30000", "5000"
IMDB = ("imdb_lstm", "imdb_simplernn", "imdb_stacked_simplernn", "imdb_cnn_lstm")
BENCHMARKS = {
    "tokenizing": Benchmark("Tokenizing", ["tokenizing.py"]),
    "training_nsmc": Benchmark(
        "An epoch of the NSMC recipe",
        ["training.py", "--recipes", "nsmc_lstm", "--rows", NSMC_ROWS, "--repeats", "5"],
    ),
    "training_whole": Benchmark(
        "An epoch of all of NSMC",
        ["training.py", "--recipes", "nsmc_lstm", "--contenders", "keras", "fast", "--repeats", "1"],
    ),
    "training_imdb": Benchmark(
        "An epoch of the IMDB recipes",
        ["training.py", "--recipes", *IMDB, "--rows", IMDB_ROWS, "--repeats", "3"],
    ),
    "views": Benchmark("A bag of n-grams, and three views in one model", ["views.py"]),
    "tuning": Benchmark("Datasets that tune themselves", ["tuning.py"], data=False),
    "lengths": Benchmark("Longer reviews", ["lengths.py"]),
    "throughput": Benchmark("A search over NSMC", ["throughput.py", "--rows", NSMC_ROWS, "--repeats", "3"]),
    "throughput_small": Benchmark("A search over a third of that", ["throughput.py", "--repeats", "3"]),
    "start": Benchmark("Waiting", ["start.py"]),
    "predicting": Benchmark("One answer from the shell", ["predicting.py"], data=False),
    "answers": Benchmark("Raw text to answer", ["answers.py"]),
    "exported": Benchmark("Exported models", ["exported.py"], data=False),
    "memory": Benchmark("Memory", ["memory.py"]),
    "growth": Benchmark("Growth with the corpus", ["growth.py"]),
    "comparison": Benchmark("The end of a sweep of 1,000 runs", ["comparison.py"], data=False),
    "large_report": Benchmark("The report of 1,000 trials", ["large_report.py"], data=False),
    "sweeper": Benchmark("A search's own cost", ["sweeper.py"], data=False),
    "platform_cost": Benchmark("A run's own cost", ["platform_cost.py", "4"], data=False),
    "workers": Benchmark("One worker and two", ["workers.py"], data=False),
    "pruning": Benchmark("Pruning", ["pruning.py"]),
}


def main() -> None:
    """Runs what is asked for, and writes the page after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    parser.add_argument("--page-only", action="store_true")
    asked = parser.parse_args()
    failed = [] if asked.page_only else [name for name in asked.only if not run(name)]
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Written: {PAGE.relative_to(CHECKOUT)}")
    if failed:
        raise SystemExit(f"Not measured: {', '.join(failed)}. The page says why.")


def run(name: str) -> bool:
    """Measures one, and keeps what it printed, or beside it why it could not be measured; says whether it could."""
    benchmark, reason = BENCHMARKS[name], KEPT / f"{name}.failed"
    KEPT.mkdir(parents=True, exist_ok=True)
    why = benchmark.missing()
    if why is None:
        print(f"{datetime.now(UTC):%H:%M} {benchmark.command}", flush=True)
        script, *options = benchmark.arguments
        command = [sys.executable, str(CHECKOUT / "benchmarks" / script), *options]
        started, others = time.perf_counter(), work_of_others()
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=False)
        beside = max(work_of_others() - others, 0) / (time.perf_counter() - started)
        if done.returncode == 0:
            said = done.stdout.decode(errors="replace").strip()
            when = f"Measured {datetime.now(UTC):%Y-%m-%d}; other processes kept {beside:.1f} cores busy meanwhile."
            measured = f"{when}\n\n{said}\n"
            (KEPT / f"{name}.md").write_text(measured, encoding="utf-8")
            reason.unlink(missing_ok=True)
            return True
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["nothing"])[-1]
        why = f"It ended with {done.returncode} and said: {last[:200]}".replace(str(CHECKOUT), ".")
    reason.write_text(why, encoding="utf-8")
    print(f"  not measured: {why}", flush=True)
    return False


def page() -> str:
    """Returns the page, from what is kept."""
    outputs = {name: (KEPT / f"{name}.md") for name in BENCHMARKS}
    said = {name: path.read_text(encoding="utf-8") for name, path in outputs.items() if path.exists()}
    rows = [row for output in said.values() for row in rows_of(output)]
    sections = [section(name, said.get(name)) for name in BENCHMARKS]
    return "\n".join(
        [
            "# Benchmarks\n",
            "Written by `make bench`; nothing here was typed in. Contenders are measured side by side and take turns;",
            "what counts are medians. Goals that were missed stay in the table.\n",
            described(),
            "## Goals\n",
            *([HEADING, RULE, *rows] if rows else ["Nothing was measured yet."]),
            "",
            *sections,
            "## Serving\n",
            "Needs a registered model, so that `make bench` leaves it out: `python benchmarks/serving.py load MODEL`.",
            "",
        ]
    )


def section(name: str, said: str | None) -> str:
    """Returns what one benchmark printed, without its goals, which stand above; or why there is nothing."""
    benchmark, reason = BENCHMARKS[name], KEPT / f"{name}.failed"
    heading = f"## {benchmark.title}\n\n`{benchmark.command}`\n"
    why = reason.read_text(encoding="utf-8") if reason.exists() else benchmark.missing() or "It was not asked for."
    if said is None:
        return f"{heading}\nNot measured. {why}\n"
    later = f"\nWhen it was measured again, it failed. {why}\n" if reason.exists() else ""
    return f"{heading}\n{said.partition(HEADING)[0].strip()}\n{later}"


if __name__ == "__main__":
    main()
