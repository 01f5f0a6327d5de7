"""How long the report of a large search takes, and how large it is.

    python benchmarks/large_report.py [--trials 1000] [--repeats 3]

A search of six trials is run on the bundled sample, and its runs are copied in MLflow's database, each with values and
a result of its own, until there are enough: a thousand trainings would tell no more. Then `bitjaru report` is typed,
each time a process of its own. Processor time is what a busy machine changes least; the seconds on the clock stand
beside it.
"""

import argparse
import random
import resource
import sqlite3
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import closing
from statistics import median
from typing import Any

from empty_project import Project, empty_project
from goals import at_most, print_goals

SEARCH = (
    *("-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=6", "hydra.sweeper.plots=false", "hydra.sweeper.spaces=[]"),
    *("architecture=choice(average,cnn)", "optimizer.learning_rate=tag(log,interval(1e-4,1e-2))"),
    *("max_len=choice(10,20)", "trainer.epochs=3"),
)
OF_RUNS = ("params", "tags", "metrics", "latest_metrics")
RATES, LENGTHS = (-4.0, -2.0), (10, 20)


def main() -> None:
    """Prints a Markdown table and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    with empty_project() as project:
        project.train(*SEARCH)
        enlarge(project, asked.trials)
        measured = [report(project) for _ in range(asked.repeats)]
    print(f"| {asked.trials:,} trials | median | least–most |\n|---|---:|---:|")
    for name, digits in (("processor seconds", 1), ("seconds", 1), ("MB", 2)):
        each = [figures[name] for figures in measured]
        print(f"| {name} | {median(each):.{digits}f} | {min(each):.{digits}f}–{max(each):.{digits}f} |")
    bounds = {"processor seconds": 10.0, "seconds": 10.0, "MB": 3.0}
    print_goals(
        [
            at_most(f"report of {asked.trials:,} trials", "", bound, median(each[name] for each in measured), name)
            for name, bound in bounds.items()
        ]
    )


def report(project: Project) -> Mapping[str, float]:
    """Has the report made by a process of its own; returns what it took and how large it is."""
    page = project.home / "report.html"
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    project.run(sys.executable, "-m", "bitjaru.commands.cli", "report", "--output", str(page))
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"processor seconds": processor, "seconds": seconds, "MB": page.stat().st_size / 1e6}


def enlarge(project: Project, trials: int) -> None:
    """Copies the runs of the only search until there are so many."""
    draw = random.Random(1)
    with closing(sqlite3.connect(project.home / "mlruns" / "mlflow.db")) as database, database:
        known = [key for (key,) in database.execute("SELECT run_uuid FROM tags WHERE key = 'mlflow.parentRunId'")]
        for number in range(len(known), trials):
            copied(database, known[number % len(known)], number, draw)


def copied(database: sqlite3.Connection, run: str, number: int, draw: random.Random) -> None:
    """Copies one run: its rows in every table, its data, and other values."""
    own = uuid.UUID(int=draw.getrandbits(128)).hex
    insert(database, "runs", {"run_uuid": run}, {"run_uuid": own, "name": f"{number} copied"})
    for table in OF_RUNS:
        insert(database, table, {"run_uuid": run}, {"run_uuid": own})
    query = "SELECT input_uuid FROM inputs WHERE destination_id = ?"
    for (part,) in database.execute(query, (run,)).fetchall():
        its_own = uuid.UUID(int=draw.getrandbits(128)).hex
        insert(database, "inputs", {"input_uuid": part}, {"input_uuid": its_own, "destination_id": own})
        insert(database, "input_tags", {"input_uuid": part}, {"input_uuid": its_own})
    tags = dict(database.execute("SELECT key, value FROM tags WHERE run_uuid = ?", (own,)))
    words = dict(word.partition("=")[::2] for word in tags["overrides"].split())
    words |= {"optimizer.learning_rate": f"{10 ** draw.uniform(*RATES)}", "max_len": f"{draw.choice(LENGTHS)}"}
    told = {"number": str(number), "overrides": " ".join(f"{name}={value}" for name, value in words.items())}
    for key, value in told.items():
        database.execute("UPDATE tags SET value = ? WHERE run_uuid = ? AND key = ?", (value, own, key))
    accuracy = draw.uniform(0.5, 0.9)
    database.execute("UPDATE latest_metrics SET value = ? WHERE run_uuid = ? AND key = 'objective'", (accuracy, own))


def insert(database: sqlite3.Connection, table: str, where: Mapping[str, str], changed: Mapping[str, Any]) -> None:
    """Inserts copies of the rows `where` something holds, with some columns changed."""
    (column, wanted), *_ = where.items()
    cursor = database.execute(f"SELECT * FROM {table} WHERE {column} = ?", (wanted,))
    names = [name for name, *_ in cursor.description]
    for row in cursor.fetchall():
        old = dict(zip(names, row, strict=True))
        new = {**old, **changed}
        marks = ", ".join("?" * len(names))
        database.execute(f"INSERT INTO {table} VALUES ({marks})", [new[name] for name in names])


if __name__ == "__main__":
    main()
