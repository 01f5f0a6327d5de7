"""What stands first on a page of MLflow's: the description of a run, or of a grid or search, in Markdown."""

import shlex
from collections.abc import Iterator, Sequence

from bitjaru import project
from bitjaru.outcome import Outcome
from bitjaru.reporting.comparison import Group, Row
from bitjaru.reporting.comparison_sheet import sheet

TAG = "mlflow.note.content"
LONGEST = 7_500  # characters; MLflow's tags hold 8,000
ROWS = 12


def of_run(overrides: Sequence[str], card: str) -> str:
    """Describes a run that finished: its command, and its model's card with figures and intervals."""
    return cut(f"{_command(overrides)}\n\n{card}")


def of_unfinished(outcome: Outcome) -> str:
    """Describes a run that did not finish: why, and its command."""
    return cut(f"**{outcome.status}**: {outcome.reason}\n\n{_command(outcome.overrides)}")


def of_group(groups: Sequence[Group], arguments: Sequence[str]) -> str:
    """Describes a grid or a search: what is best, what ties, the best runs as a table, and its command line."""
    parts: list[str] = []
    for group in groups:
        parts += [*_verdict(group), sheet(group, limit=ROWS).markdown()]
    return cut("\n\n".join([*parts, _indented(arguments)]))


def cut(text: str) -> str:
    """Returns a description as far as a tag of MLflow's holds it, up to the end of a line."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(chr(10), 1)[0]}\n\n…"


def _verdict(group: Group) -> Iterator[str]:
    ranked = [row for row in group.rows if row.rank is not None]
    if not ranked:
        return
    best, ties = ranked[0], [row for row in ranked if row.standing == "tie"]
    said = f"**Best in validation on {group.dataset}: {_name(best)}**, {group.objective} {_figure(best, group)}."
    if ties:
        names = ", ".join(dict.fromkeys(row.architecture for row in ties))
        said += f" {len(ties)} of {len(ranked)} tie with it ({names}): validation cannot tell them apart."
    yield said


def _name(row: Row) -> str:
    return row.architecture if row.outcome.number is None else f"{row.architecture} (#{row.outcome.number})"


def _figure(row: Row, group: Group) -> str:
    return str(row.figure("valid", group.objective, group.objective))


def _command(overrides: Sequence[str]) -> str:
    return _indented(project.one_run(overrides))


def _indented(arguments: Sequence[str]) -> str:
    return f"    {shlex.join(project.typed(arguments))}"
