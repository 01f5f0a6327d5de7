"""What stands first on a page of MLflow's: the description of a run, or of a grid or search, in Markdown.

A line that cannot be broken makes MLflow's whole page as wide as itself, and puts the metrics' values out of sight: a
command is code within a paragraph, and what runs changed stands below their table.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bitjaru import project
from bitjaru.outcome import Outcome
from bitjaru.reporting.comparison import Group, Row
from bitjaru.reporting.comparison_sheet import sheet
from bitjaru.reporting.sheet import Sheet

TAG = "mlflow.note.content"
LONGEST = 7_500  # characters; MLflow's tags hold 8,000
ROWS = 12
CHANGED = "changed"
LEFT_OUT = (CHANGED, "weights", "best epoch", "per epoch")


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
        whole = sheet(group, limit=ROWS)
        parts += [*_verdict(group), _narrow(whole).markdown(), *_changes(whole)]
    return cut("\n\n".join([*parts, _code(arguments)]))


def best_figures(groups: Sequence[Group]) -> dict[str, float]:
    """Returns the best validation figure of a grid or a search, for its own row; none where it is of several data sets.

    Nothing of the test part: a column of it beside each search would be chosen by.
    """
    if len(groups) != 1:
        return {}
    (group,) = groups
    best = next((row.outcome.objective for row in group.rows if row.rank is not None), None)
    return {} if best is None else {f"best_valid_{group.objective}": best}


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


def _narrow(whole: Sheet) -> Sheet:
    kept = [place for place, column in enumerate(whole.columns) if column.heading not in LEFT_OUT]
    return replace(
        whole,
        columns=[whole.columns[place] for place in kept],
        rows=[[row[place] for place in kept] for row in whole.rows],
    )


def _changes(whole: Sheet) -> Iterator[str]:
    """Yields what each of the table's runs changed, as a list."""
    headings = [column.heading for column in whole.columns]
    if CHANGED in headings:
        job, architecture, changed = (headings.index(name) for name in ("job", "architecture", CHANGED))
        lines = [f"- {row[job]} {row[architecture]}: `{row[changed]}`" for row in whole.rows if row[changed]]
        yield "\n".join(["What each changed:", "", *lines])


def _name(row: Row) -> str:
    return row.architecture if row.outcome.number is None else f"{row.architecture} (#{row.outcome.number})"


def _figure(row: Row, group: Group) -> str:
    return str(row.figure("valid", group.objective, group.objective))


def _command(overrides: Sequence[str]) -> str:
    return _code(project.one_run(overrides))


def _code(arguments: Sequence[str]) -> str:
    command = shlex.join(project.typed(arguments))
    fence = "``" if "`" in command else "`"
    return f"{fence}{command}{fence}"
