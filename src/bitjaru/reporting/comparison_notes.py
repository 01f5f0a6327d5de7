"""What must be said below a comparison: how it was ranked, what a tie means, why runs ended early."""

from collections.abc import Sequence

from bitjaru.reporting.comparison import ACCURACY, Group, Row
from bitjaru.reporting.wording import MISSING

NAMED = 12


def notes(group: Group, *, shown: int) -> list[str]:
    """Returns the lines below a table that shows the first `shown` runs."""
    return [*_ranking(group, shown), *_endings(group)]


def job(row: Row) -> str:
    """Returns the number of a run in its grid or search."""
    return MISSING if row.outcome.number is None else f"#{row.outcome.number}"


def _ranking(group: Group, shown: int) -> list[str]:
    lines = []
    if shown < len(group.rows):
        lines.append(f"The first {shown} of {len(group.rows):,} runs; the rest is in the CSV and Markdown files.")
    if not any(row.rank for row in group.rows):
        return [
            *lines,
            "No run has a validation figure, so none is ranked. The test part must not choose.",
        ]
    first = "highest" if group.direction == "maximize" else "lowest"
    lines.append(f"Ranked by valid {group.objective}, {first} first.")
    if any(row.standing == "tie" for row in group.rows):
        lines.append(
            "tie: may be as good as the best; the 95 % interval of the difference (Newcombe) contains 0. "
            "Noise between seeds comes on top."
        )
    if group.objective != ACCURACY and sum(row.rank is not None for row in group.rows) > 1:
        lines.append(f"Which differences of {group.objective} are more than chance cannot be told from one run each.")
    return lines


def _endings(group: Group) -> list[str]:
    """One line for each way in which runs ended early."""
    jobs: dict[str, list[str]] = {}
    for row in group.rows:
        if row.outcome.status != "FINISHED":
            reason = " ".join((row.outcome.reason or "no reason recorded").split())
            ending = f"{row.outcome.status} ({reason})"
            jobs.setdefault(ending, []).append(job(row))
    return [f"{ending}: {_some(numbers)}" for ending, numbers in jobs.items()]


def _some(jobs: Sequence[str]) -> str:
    more = f" and {len(jobs) - NAMED:,} more" if len(jobs) > NAMED else ""
    return ", ".join(jobs[:NAMED]) + more
