"""The comparison as something to read: a table that fits the terminal, Markdown, and CSV."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from math import isfinite

from rich.console import Console

from bitjaru.reporting import overrides, wording
from bitjaru.reporting.comparison import ACCURACY, WHOLE, Group, Row
from bitjaru.reporting.comparison_notes import job, notes
from bitjaru.reporting.sheet import LOG_WIDTH, Column, Sheet, csv_text, show
from bitjaru.reporting.wording import MISSING

SHOWN = 30
KNOBS_WIDTH = 40  # of a line of knobs, where a run takes several
STYLES = {"best": "bold green", "KILLED": "yellow", "FAILED": "red"}
Fields = Sequence[tuple[Column, Callable[[Row], str]]]


def show_comparison(groups: Sequence[Group], console: Console) -> None:
    """Prints the best runs of each group: one line a run where the terminal is wide enough, else several."""
    for group in groups:
        show(sheet(group, width=console.width if console.is_terminal else LOG_WIDTH), console)
        console.print()


def sheet(group: Group, *, width: int | None = None, limit: int | None = SHOWN) -> Sheet:
    """Returns the table of one group.

    Args:
        group: From `comparison.compare`.
        width: Columns of the terminal; None for one line a run however long.
        limit: How many runs are shown, the best first; None for all.
    """
    rows = group.rows[:limit]
    wide = _sheet(group, rows, _line(group))
    if width is None or wide.width <= width:
        return wide
    stack = _sheet(group, rows, _stack(group))
    return stack if stack.narrowest <= width else wide  # which is written row below row


def markdown(groups: Sequence[Group]) -> str:
    """Returns every run of every group as Markdown tables."""
    return "\n".join(sheet(group, limit=None).markdown() for group in groups)


def csv(groups: Sequence[Group]) -> str:
    """Returns every run as one line of CSV: names and figures in full, a column for each changed override."""
    return csv_text([_record(group, row) for group in groups for row in group.rows])


def _sheet(group: Group, rows: Sequence[Row], fields: Fields) -> Sheet:
    return Sheet(
        title=" · ".join(word for word in (group.dataset, group.task, _parts(group)) if word),
        columns=[column for column, _ in fields],
        rows=[[cell(row) for _, cell in fields] for row in rows],
        styles=[STYLES.get(row.standing or row.outcome.status, "") for row in rows],
        notes=notes(group, shown=len(rows)),
    )


def _line(group: Group) -> Fields:
    """The columns of one line a run."""
    names = _names(group)
    measures = [(Column(f"{part} {metric}"), _figure(group, part, metric, " ")) for part, metric in _measures(group)]
    changed = [(Column("changed", figures=False, breaks=True), lambda row: overrides.label(row.changed, names))]
    return [
        (Column("rank", figures=False), _rank),
        (Column("job"), job),
        (Column("architecture", figures=False), lambda row: row.architecture or MISSING),
        *(changed if names else []),
        (Column("weights"), lambda row: wording.count(row.outcome.weights)),
        (Column("best epoch"), _epoch),
        *measures,
        (Column("per epoch"), lambda row: wording.duration(row.outcome.epoch_seconds)),
        (Column("total"), lambda row: wording.duration(row.outcome.seconds)),
    ]


def _stack(group: Group) -> Fields:
    """The columns of several lines a run: what belongs together stands one above the other."""
    names = _names(group)
    columns = []
    for part in dict.fromkeys(part for part, _ in _measures(group)):
        metrics = [metric for each, metric in _measures(group) if each == part]
        cells = [_figure(group, part, metric, "\n") for metric in metrics]
        columns.append((Column("\n".join(f"{part} {metric}" for metric in metrics)), _above(*cells)))
    return [
        (Column("rank\njob", figures=False), _above(_rank, job)),
        (
            Column("architecture\nchanged" if names else "architecture", figures=False, breaks=True),
            lambda row: "\n".join([row.architecture or MISSING, *_knobs(row, names)]),
        ),
        (Column("weights\nepoch"), _above(lambda row: wording.count(row.outcome.weights), _epoch)),
        *columns,
        (
            Column("per epoch\ntotal"),
            _above(
                lambda row: wording.duration(row.outcome.epoch_seconds),
                lambda row: wording.duration(row.outcome.seconds),
            ),
        ),
    ]


def _knobs(row: Row, names: Mapping[str, str]) -> list[str]:
    return textwrap.wrap(
        overrides.label(row.changed, names), KNOBS_WIDTH, break_long_words=False, break_on_hyphens=False
    )


def _above(*cells: Callable[[Row], str]) -> Callable[[Row], str]:
    return lambda row: "\n".join(cell(row) for cell in cells)


def _figure(group: Group, part: str, metric: str, between: str) -> Callable[[Row], str]:
    def cell(row: Row) -> str:
        figure = row.figure(part, metric, group.objective)
        if figure is None:
            return MISSING
        return wording.decimals(figure.value) + (between + figure.bounds if isfinite(figure.low) else "")

    return cell


def _measures(group: Group) -> list[tuple[str, str]]:
    """The objective of each part, and the perplexity beside it, where any run has them.

    Tokenizers leave out different reviews: where that changes a figure, that of all test reviews is shown too, by which
    every run is judged alike.
    """
    wanted = [(part, metric) for part in ("valid", "test") for metric in (group.objective, "perplexity")]
    shown = [
        (part, metric)
        for part, metric in wanted
        if any(row.figure(part, metric, group.objective) for row in group.rows)
    ]
    return [*shown, ("test", WHOLE)] if any(map(_left_some_out, group.rows)) else shown


def _left_some_out(row: Row) -> bool:
    figures = row.outcome.metrics
    return f"test_{WHOLE}" in figures and figures[f"test_{WHOLE}"] != figures[f"test_{ACCURACY}"]


def _names(group: Group) -> Mapping[str, str]:
    """Short names of what the runs differ in, which no knob that they have alike could be meant by."""
    every = overrides.shortened(key for row in group.rows for key in overrides.parse(row.outcome.overrides))
    return {key: every[key] for row in group.rows for key in row.changed}


def _rank(row: Row) -> str:
    if row.outcome.status != "FINISHED":
        return row.outcome.status
    if row.rank is None:
        return MISSING
    return f"{row.rank} {row.standing}" if row.standing in ("best", "tie") else str(row.rank)


def _epoch(row: Row) -> str:
    trained = max(map(len, row.outcome.history.values()), default=0)
    if row.outcome.best_epoch is None:
        return MISSING
    best, kept = row.outcome.best_epoch, row.outcome.kept_epoch
    said = f"{best}/{trained}" if trained else str(best)
    return said if kept in (best, None) else f"{said}, kept {kept}"


def _parts(group: Group) -> str:
    """The rows of each part, where all runs have the same: tokenizers may drop different ones."""
    counts = {tuple(row.outcome.rows.items()) for row in group.rows if row.outcome.rows}
    if len(counts) != 1:
        return ""
    return ", ".join(f"{wording.count(rows)} {part}" for part, rows in counts.pop())


def _record(group: Group, row: Row) -> dict[str, object]:
    outcome = row.outcome
    record: dict[str, object] = {
        "rank": row.rank,
        "standing": row.standing,
        "job": outcome.number,
        "status": outcome.status,
        "reason": outcome.reason,
        "task": group.task,
        "dataset": group.dataset,
        "architecture": row.architecture,
        **row.changed,
        "weights": outcome.weights,
        "best_epoch": outcome.best_epoch,
        "kept_epoch": outcome.kept_epoch,
        f"objective ({group.objective})": outcome.objective,
    }
    for name in sorted({*outcome.metrics, f"valid_{group.objective}"}):
        record |= _figures(group, row, name)
    if row.lead:
        record |= {"lead_of_best": row.lead.value, "lead_low": row.lead.low, "lead_high": row.lead.high}
    rows = {f"{part}_rows": count for part, count in outcome.rows.items()}
    times = {"epoch_seconds": outcome.epoch_seconds, "seconds": outcome.seconds}
    return record | rows | times | {"seed": outcome.seed, "data_sha256": outcome.data_sha256, "run_id": outcome.run_id}


def _figures(group: Group, row: Row, name: str) -> dict[str, object]:
    part, _, metric = name.partition("_")
    figure = row.figure(part, metric, group.objective)
    if figure is None:
        return {}
    if not isfinite(figure.low):
        return {name: figure.value}
    return {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
