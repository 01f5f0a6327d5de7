"""The gate's table, for people."""

from collections.abc import Sequence

from bitjaru.promotion.check import Check
from bitjaru.report.sheet import Column, Sheet

STYLES = {"pass": "", "warning": "yellow", "fail": "red"}


def table(checks: Sequence[Check], *, title: str) -> Sheet:
    """Lays out the checks, their notes below."""
    return Sheet(
        title=title,
        columns=[
            Column("check", figures=False),
            Column("figure", figures=False, breaks=True),
            Column("asked for", figures=False, breaks=True),
            Column("", figures=False),
        ],
        rows=[(check.name, check.figure, check.threshold, check.result) for check in checks],
        styles=[STYLES[check.result] for check in checks],
        notes=[f"{check.name}: {check.note}" for check in checks if check.note],
    )
