"""The checks of the gate, in the order of its table."""

from collections.abc import Callable

from bitjaru.promotion.check import Check
from bitjaru.promotion.checks.clean import clean
from bitjaru.promotion.checks.not_worse import not_worse
from bitjaru.promotion.checks.same_ground import same_ground
from bitjaru.promotion.checks.same_model import same_model
from bitjaru.promotion.checks.worth_its_cost import affordable, not_worse_than_linear
from bitjaru.promotion.evidence import Evidence

Checker = Callable[[Evidence], Check]

TO_REGISTER: tuple[Checker, ...] = (same_model, clean)
TO_PROMOTE: tuple[Checker, ...] = (same_model, same_ground, not_worse, not_worse_than_linear, affordable, clean)

__all__ = ["TO_PROMOTE", "TO_REGISTER", "Checker"]
