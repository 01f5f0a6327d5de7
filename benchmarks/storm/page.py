"""`docs/storm.md`: what the storms did, and what they found."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machine import described

from storm import cluster, weather

HEAD = """# Storms

What a bad night does to tiny runs of the bundled sample. The command writes this page; every round is kept in
`build/storm`, and the same command goes on until the numbers asked for are reached.

    {command}

Last round: {time}.

{machine}"""
KILLED = """
## SIGKILL

{kills} kills in {nights} nights. A command is killed at random moments of its usual time and given again, until it
comes to its end, at most sixteen times; then it may end, `bitjaru doctor` looks, and every figure is read again: no
trial or run lost or doubled, none left RUNNING, studies, folders and MLflow agree, a grid's figures equal those of one
that was never killed, bundles are what their manifests say, one champion, and no traceback in any log. Commands are
forked from a process that has imported the platform, so that kills meet work and not imports; a search's workers are
not.

| what | nights | parent | worker | group | seconds a night | nights with findings |
|---|---:|---:|---:|---:|---:|---:|
"""
DAMAGED = """
## Bytes that change

{cases} files were flipped in one to four bits, cut or emptied, and read as we read them. *Refused*: an error in one
sentence. *Equal*: the same answer as before. *Again*: the file counts for nothing, and what it held is made again. A
*traceback* or a *wrong* answer is a finding.

| file | refused | equal | again | traceback | wrong |
|---|---:|---:|---:|---:|---:|
"""
TYPED = """
## Command lines

{lines} command lines of real keys with odd values, and of any text, each composed and built as `train.py` does, without
training: {parts} gave a run, {errors} one error for a person, {tracebacks} a traceback.
"""
CLUSTER = """
## A cluster

{rounds} rounds in {searches} searches on two Ray nodes with homes of their own, PostgreSQL and an MLflow server,
{seconds} seconds a round. In each round of {trials} trials: {harms}.
A search ends with every trial finished once, none doubled, one tree of runs in MLflow, none left RUNNING, every epoch
told once, no traceback, and no password in the study, in MLflow, in a folder or in a log
(`BITJARU_ROUNDS={each} python -m pytest -n 0 -m slow {test}`). Searches: {results}.
"""
WEATHER = """
## Other weather

| what | result | test |
|---|---|---|
"""


def counts(results: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Returns how many kills, damaged files and command lines there were."""
    return {
        "kills": sum(len(result["kills"]) for result in results if result["kind"] == "kills"),
        "damage": sum(sum(_cases(result).values()) for result in results if result["kind"] == "damage"),
        "overrides": sum(sum(result["answers"].values()) for result in results if result["kind"] == "overrides"),
        "cluster": sum(result["rounds"] for result in results if result["kind"] == "cluster"),
        "weather": sum(result["kind"] == "weather" for result in results),
    }


def write(results: Sequence[dict[str, Any]], path: Path, *, command: str) -> None:
    """Writes the page."""
    last = results[-1]["time"] if results else time.strftime("%Y-%m-%d %H:%M")
    done = counts(results)
    text = HEAD.format(command=command, time=last, machine=described())
    text += _killed([result for result in results if result["kind"] == "kills"], done["kills"])
    text += _damaged([result for result in results if result["kind"] == "damage"], done["damage"])
    text += _typed([result for result in results if result["kind"] == "overrides"], done["overrides"])
    text += _clustered([result for result in results if result["kind"] == "cluster"], done["cluster"])
    text += _weather([result for result in results if result["kind"] == "weather"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _killed(nights: Sequence[dict[str, Any]], total: int) -> str:
    rows = []
    for name in dict.fromkeys(night["subject"] for night in nights):
        own = [night for night in nights if night["subject"] == name]
        killed = Counter(target for night in own for target in night["kills"])
        seconds = sum(night["seconds"] for night in own) / len(own)
        findings = sum(bool(night["findings"]) for night in own)
        cells = [name, len(own), killed["parent"], killed["worker"], killed["group"], f"{seconds:.0f}", findings]
        rows.append(f"| {' | '.join(map(str, cells))} |\n")
    return KILLED.format(kills=f"{total:,}", nights=len(nights)) + "".join(rows)


def _damaged(rounds: Sequence[dict[str, Any]], total: int) -> str:
    counted: dict[str, Counter[str]] = {}
    for each in rounds:
        for subject, its in each["cases"].items():
            counted.setdefault(subject, Counter()).update(its)
    rows = [
        f"| {subject} | {its['error']} | {its['equal']} | {its['again']} | {its['traceback']} | {its['wrong']} |\n"
        for subject, its in counted.items()
    ]
    return DAMAGED.format(cases=f"{total:,}") + "".join(rows)


def _typed(rounds: Sequence[dict[str, Any]], total: int) -> str:
    answers: Counter[str] = Counter()
    for each in rounds:
        answers.update(each["answers"])
    return TYPED.format(
        lines=f"{total:,}",
        parts=f"{answers['parts']:,}",
        errors=f"{answers['error']:,}",
        tracebacks=answers["traceback"],
    )


def _clustered(searches: Sequence[dict[str, Any]], rounds: int) -> str:
    if not searches:
        return ""
    results = Counter(search["result"] for search in searches)
    return CLUSTER.format(
        rounds=rounds,
        trials=cluster.TRIALS,
        searches=len(searches),
        seconds=round(sum(search["seconds"] for search in searches) / rounds),
        harms="; ".join(cluster.HARMS),
        each=cluster.ROUNDS,
        test=cluster.TEST,
        results=", ".join(f"{count} {result}" for result, count in sorted(results.items())),
    )


def _weather(storms: Sequence[dict[str, Any]]) -> str:
    last = {storm["name"]: storm for storm in storms}
    rows = [f"| {name} | {storm['result']} | `{weather.STORMS[name]}` |\n" for name, storm in last.items()]
    return WEATHER + "".join(rows)


def _cases(result: dict[str, Any]) -> Counter[str]:
    total: Counter[str] = Counter()
    for its in result["cases"].values():
        total.update(its)
    return total
