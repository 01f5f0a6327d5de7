"""Lets storms rage over tiny runs and writes `docs/storm.md`: kills, damaged files, and odd command lines.

    make storm ARGS="--kills 1000"        until so many kills were dealt; the same command goes on where it was stopped
    make storm ARGS="--kills 1000 --only kills --night second"      beside the first, in another terminal
    make storm ARGS="--minutes 8 --page build/storm.md"     a slice

Every night, every round of damaged files and every round of command lines is kept in `build/storm` as it ends. Exit
status 1: something was found, in this call.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from storm import cluster, commands, kills, page, subjects, weather, written

KILLS_A_NIGHT, CASES, EXAMPLES = 16, 360, 100
RESULTS = "results.jsonl"


def main() -> int:
    """Storms until enough was done, or the time is over."""
    options = _options()
    folder: Path = options.folder.resolve()  # its commands run elsewhere
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update({"TF_CPP_MIN_LOG_LEVEL": "3", "BITJARU_HOME": str(folder / options.night / "night")})
    until, found = time.monotonic() + 60 * options.minutes, 0
    page.write(results(folder), options.page, command=_typed())
    for kind, storm in _storms(folder, options):
        if time.monotonic() > until:
            break
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {kind} …\n")
        result = {"time": time.strftime("%Y-%m-%d %H:%M"), "kind": kind, **storm()}
        found += len(result["findings"])
        with (folder / RESULTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(result, ensure_ascii=False) + "\n")
        for finding in result["findings"]:
            sys.stderr.write(f"  found: {finding}\n")
        page.write(results(folder), options.page, command=_typed())
    return 1 if found else 0


def results(folder: Path) -> list[dict[str, Any]]:
    """Returns what has been kept so far."""
    path = folder / RESULTS
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="SIGKILLs, all calls together.")
    parser.add_argument("--cases", type=int, default=10000, help="Damaged files, all calls together.")
    parser.add_argument("--examples", type=int, default=5000, help="Command lines, all calls together.")
    parser.add_argument("--rounds", type=int, default=9, help="Of killing each part of a cluster, all calls together.")
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="That this call may take; a night is ended."
    )
    parser.add_argument("--folder", type=Path, default=commands.CHECKOUT / "build" / "storm")
    parser.add_argument("--night", default="first", help="Where kills happen in --folder: one for each call at a time.")
    parser.add_argument("--page", type=Path, default=commands.CHECKOUT / "docs" / "storm.md")
    parser.add_argument(
        "--only", choices=("kills", "damage", "overrides", "weather", "cluster"), help="One of the storms."
    )
    return parser.parse_args()


def _storms(folder: Path, options: argparse.Namespace) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Yields one round of each after the other, until there were enough of all."""
    wanted = {
        "kills": options.kills,
        "damage": options.cases,
        "overrides": options.examples,
        "weather": len(weather.STORMS),
        "cluster": options.rounds,
    }
    rounds = {"kills": _night, "damage": _damage, "overrides": _overrides, "weather": _weather, "cluster": _cluster}
    while True:
        done = page.counts(results(folder))
        left = [kind for kind in rounds if done[kind] < wanted[kind] and options.only in (None, kind)]
        if not left:
            return
        for kind in left:
            place = folder / options.night if kind == "kills" else folder
            yield kind, lambda kind=kind, place=place: rounds[kind](place)  # type: ignore[misc]


def _number(folder: Path, kind: str) -> int:
    return sum(result["kind"] == kind for result in results(folder))


def _night(place: Path) -> dict[str, Any]:
    home, number = place / "night", _nights(place)
    shutil.rmtree(home, ignore_errors=True)
    subject = subjects.one(place, subjects.NAMES[number % len(subjects.NAMES)])
    shutil.rmtree(home, ignore_errors=True)
    done = kills.night(subject, home, random.Random(f"{place.name} {number}"), kills=KILLS_A_NIGHT)
    if done.findings:
        shutil.rmtree(place / f"found-{number}", ignore_errors=True)
        shutil.copytree(home, place / f"found-{number}", symlinks=True)
    (place / "nights").write_text(str(number + 1))
    return {"subject": subject.name, **asdict(done)}


def _nights(place: Path) -> int:
    place.mkdir(exist_ok=True)
    kept = place / "nights"
    return int(kept.read_text()) if kept.exists() else 0


def _damage(folder: Path) -> dict[str, Any]:
    home, number = folder / "files", _number(folder, "damage")
    written.make(home)
    (home / written.READY).unlink(missing_ok=True)  # whoever is killed in the middle leaves a file damaged
    lines = _module("storm.damage", str(home), "--cases", str(CASES), "--seed", str(number))
    (home / written.READY).touch()
    cases = [json.loads(line) for line in lines]
    findings = [
        f"{c['subject']}, {c['file']}, {c['kind']}: {c['said']}" for c in cases if c["result"] in {"wrong", "traceback"}
    ]
    counted: dict[str, dict[str, int]] = {}
    for case in cases:
        its = counted.setdefault(case["subject"], {})
        its[case["result"]] = its.get(case["result"], 0) + 1
    return {"cases": counted, "findings": findings}


def _overrides(folder: Path) -> dict[str, Any]:
    number = _number(folder, "overrides")
    home = folder / "overrides"
    commands.make_home(home)
    lines = _module("storm.overrides", "--examples", str(EXAMPLES), "--seed", str(number), home=home)
    told: dict[str, Any] = json.loads(lines[-1])
    return told


def _weather(folder: Path) -> dict[str, Any]:
    names = list(weather.STORMS)
    return weather.one(names[_number(folder, "weather") % len(names)])


def _cluster(folder: Path) -> dict[str, Any]:
    del folder  # it has one of its own
    return cluster.search()


def _module(name: str, *arguments: str, home: Path | None = None) -> list[str]:
    """Runs a part of the storm in a process of its own: damaged bytes may end it in any way."""
    own = os.environ if home is None else commands.environment(home)
    paths = [str(Path(__file__).resolve().parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**own, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-m", name, *arguments], env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name} {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-6000:]}")
    return done.stdout.splitlines()


def _typed() -> str:
    return f'make storm ARGS="{" ".join(sys.argv[1:])}"' if sys.argv[1:] else "make storm"


if __name__ == "__main__":
    sys.exit(main())
