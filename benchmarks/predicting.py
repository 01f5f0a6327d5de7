"""How long one answer takes, from the shell's prompt to the sentence: `bitjaru predict` with one review.

    python benchmarks/predicting.py [--repeats 5] [--before BITJARU]

A linear model and a GRU are trained on the bundled sample and promoted; each is asked by its name, which means its
champion, and by its run's folder. `--before` names the `bitjaru` of another environment, for example that of an earlier
version, which is asked the same. All take turns; medians of seconds on the clock and of processor seconds.
"""

import argparse
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from empty_project import Project, empty_project
from goals import Goal, at_most, print_goals

GOALS = {"linear": 1.5, "gru": 4.0}  # seconds
OURS = (sys.executable, "-m", "bitjaru.commands.cli")
Times = dict[tuple[str, str], list[tuple[float, float]]]


def main() -> None:
    """Prints a Markdown table and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--before", help="the `bitjaru` of another environment")
    asked = parser.parse_args()
    versions: dict[str, Sequence[str]] = {"now": OURS, **({"before": [asked.before]} if asked.before else {})}
    with empty_project() as project:
        models = {name: _trained(project, name) for name in GOALS}
        times = _measured(project, versions, models, asked.repeats)
    print_goals(_told(times, list(versions)))


def _trained(project: Project, architecture: str) -> Mapping[str, str]:
    """Trains and promotes; returns what the model is asked as, by how it is called."""
    project.train(f"architecture={architecture}", "trainer=quick")
    with closing(sqlite3.connect(project.home / "mlruns" / "mlflow.db")) as database:
        ((run,),) = database.execute("SELECT run_uuid FROM runs ORDER BY start_time DESC LIMIT 1").fetchall()
    project.run(*OURS, "promote", "--run", run, "--model", architecture, "--force", "--reason", "a benchmark")
    (folder,) = [path.parent for path in project.home.glob("outputs/*/*/bundle") if _is(path, architecture)]
    return {f"`{architecture}`, registered": architecture, f"`{architecture}`, a run's folder": str(folder)}


def _is(bundle: Path, architecture: str) -> bool:
    return f"architecture={architecture}" in (bundle.parent / "overrides.yaml").read_text(encoding="utf-8")


def _measured(
    project: Project, versions: Mapping[str, Sequence[str]], models: Mapping[str, Mapping[str, str]], repeats: int
) -> Times:
    times: Times = {}
    for turn in range(repeats + 1):  # the first has the files read once
        for names in models.values():
            for name, model in names.items():
                for version, command in versions.items():
                    seconds = _seconds(project, [*command, "predict", "--model", model, "좋은 영화"])
                    if turn:
                        times.setdefault((name, version), []).append(seconds)
    return times


def _seconds(project: Project, command: Sequence[str]) -> tuple[float, float]:
    """Returns the seconds of a whole process: on the clock, and of the processor."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=project.home, env=project.environment, capture_output=True, check=True)
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _told(times: Times, versions: Sequence[str]) -> list[Goal]:
    heads = [f"{version}: {what}" for version in versions for what in ("seconds", "least–most", "processor seconds")]
    print(f"| one review | {' | '.join(heads)} |\n|---|{'---:|' * len(heads)}")
    goals = []
    for name in dict.fromkeys(name for name, _ in times):
        cells = []
        for version in versions:
            clock, processor = zip(*times[name, version], strict=True)
            cells += [f"{median(clock):.2f}", f"{min(clock):.2f}–{max(clock):.2f}", f"{median(processor):.2f}"]
        print(f"| {name} | {' | '.join(cells)} |")
        bound = next(goal for architecture, goal in GOALS.items() if f"`{architecture}`" in name)
        seconds = median(clock for clock, _ in times[name, "now"])
        goals.append(at_most(f"`bitjaru predict`: {name}", "", bound, seconds, "s"))
    return goals


if __name__ == "__main__":
    main()
