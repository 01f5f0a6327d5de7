"""Is the model small and fast enough?"""

from bitjaru.promotion.check import Check, verdict
from bitjaru.promotion.evidence import Evidence

NAME = "affordable"


def affordable(evidence: Evidence) -> Check:
    """Compares size and time, tokenizing included, with the budget."""
    gate, measured = evidence.gate, evidence.challenger.measured
    held = (
        measured.megabytes <= gate.megabytes
        and measured.single <= gate.single_milliseconds
        and measured.batch <= gate.batch_milliseconds
    )
    figure = f"{measured.megabytes:.1f} MB, {measured.single:.1f} ms alone, {measured.batch:.2f} ms in a batch"
    threshold = f"≤ {gate.megabytes:g} MB, {gate.single_milliseconds:g} ms, {gate.batch_milliseconds:g} ms"
    return Check(NAME, figure, threshold, verdict(held), "Of a review, tokenizing included, on this machine.")
