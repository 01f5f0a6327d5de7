"""What one check of the gate found."""

from dataclasses import dataclass
from typing import Literal

Result = Literal["pass", "warning", "fail"]


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
