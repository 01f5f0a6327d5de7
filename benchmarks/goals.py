"""What is wanted of a measurement, and whether it was reached: one table that every benchmark prints at its end."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADING = "| what | against | goal | measured | met |"
RULE = "|---|---|---:|---:|---|"
UNKNOWN = "–"


@dataclass(frozen=True)
class Goal:
    """One row of the table.

    Attributes:
        what: That was measured.
        against: What it was measured beside; empty where the goal is a figure of its own.
        wanted: The goal, as text.
        measured: The figure, as text.
        met: None where nothing could be measured.
    """

    what: str
    against: str
    wanted: str
    measured: str
    met: bool | None

    def __str__(self) -> str:
        met = UNKNOWN if self.met is None else "yes" if self.met else "no"
        return f"| {self.what} | {self.against} | {self.wanted} | {self.measured} | {met} |"


def at_least(what: str, against: str, bound: float, measured: float | None, unit: str = "times") -> Goal:
    """Makes a goal that more is better for; `measured` is None where nothing could be measured."""
    met = None if measured is None else measured >= bound
    return Goal(what, against, f"≥ {bound:,g} {unit}".strip(), _figure(measured, unit), met)


def at_most(what: str, against: str, bound: float, measured: float | None, unit: str = "times") -> Goal:
    """Makes a goal that less is better for; `measured` is None where nothing could be measured."""
    met = None if measured is None else measured <= bound
    return Goal(what, against, f"≤ {bound:,g} {unit}".strip(), _figure(measured, unit), met)


def print_goals(goals: Sequence[Goal]) -> None:
    """Prints the table, from which `page.py` takes the rows."""
    print("\n".join(["", HEADING, RULE, *map(str, goals)]), flush=True)


def rows_of(output: str) -> list[str]:
    """Returns the rows of every such table in what a benchmark printed."""
    rows: list[str] = []
    inside = False
    for line in output.splitlines():
        if line == HEADING:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and line != RULE:
            rows.append(line)
    return rows


def _figure(measured: float | None, unit: str) -> str:
    if measured is None:
        return UNKNOWN
    figure = f"{measured:,.0f}" if abs(measured) >= 100 else f"{measured:.2f}"
    return f"{figure} {unit}".strip()
