"""What the checks of the gate found, one by one and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bitjaru.reporting.sheet import Column, Sheet

Result = Literal["pass", "warning", "fail"]
STYLES: dict[Result, str] = {"pass": "", "warning": "yellow", "fail": "red"}


@dataclass(frozen=True)
class Check:
    """One line of the gate's table.

    Attributes:
        name: Of the check.
        figure: What was measured.
        threshold: What is asked for.
        result: A warning does not stop a promotion.
        note: In a sentence, what the figure does not say.
    """

    name: str
    figure: str
    threshold: str
    result: Result
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether a promotion may go on."""
        return self.result != "fail"


def verdict(held: bool) -> Result:
    """Returns `pass` or `fail`."""
    return "pass" if held else "fail"


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
