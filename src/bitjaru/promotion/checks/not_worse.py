"""Is the challenger at least as good as the champion?"""

import math

from bitjaru.errors import BundleError
from bitjaru.promotion.check import Check, Result, verdict
from bitjaru.promotion.contender import Contender
from bitjaru.promotion.evidence import Evidence
from bitjaru.promotion.paired_answers import compare

NAME = "not worse"


def not_worse(evidence: Evidence) -> Check:
    """Compares both on the same test reviews. A tie passes if the challenger is smaller or faster."""
    gate = evidence.gate
    threshold = f"better, or a tie and {gate.tie_gain:.0%} smaller or faster"
    if "test" not in evidence.run.rows:
        return Check(NAME, "no test part", threshold, "fail", "See `same ground`.")
    if evidence.champion is None:
        figure = f"test accuracy {evidence.run.metrics.get('test_accuracy', math.nan):.4f}"
        return Check(NAME, figure, threshold, "pass", "There is no champion yet.")
    if evidence.test is None:
        return Check(NAME, "no answers to compare", threshold, "fail", "See `same ground`.")
    compared = None if evidence.champions is None else compare(evidence.test, evidence.champions, gate)
    if compared is None:
        return Check(NAME, "no row in common", threshold, "fail", "See `same ground`.")
    if compared.standing != "tie":
        return Check(NAME, compared.figure, threshold, verdict(compared.standing == "better"), compared.note)
    result, gain = _cheaper(evidence.challenger, evidence.champion, gate.tie_gain)
    return Check(NAME, compared.figure, threshold, result, f"{compared.note} {gain}")


def _cheaper(challenger: Contender, champion: Contender, gain: float) -> tuple[Result, str]:
    """Both are timed on the same texts. Anything is cheaper than a champion that can no longer answer."""
    own = challenger.measured
    try:
        others = champion.measured_on(challenger.golden.texts)
    except BundleError as error:
        return "pass", str(error)
    held = own.megabytes <= (1 - gain) * others.megabytes or own.batch <= (1 - gain) * others.batch
    note = (
        f"Challenger {own.megabytes:.1f} MB and {own.batch:.2f} ms a review, "
        f"champion {others.megabytes:.1f} MB and {others.batch:.2f} ms."
    )
    return verdict(held), note
