"""Is the challenger better than a linear model, which trains in a minute?"""

from bitjaru.promotion.check import Check, Result
from bitjaru.promotion.contender import accuracy
from bitjaru.promotion.evidence import Evidence
from bitjaru.promotion.paired_answers import compare

NAME = "better than cheap"


def better_than_cheap(evidence: Evidence) -> Check:
    """Compares the challenger with TF-IDF and logistic regression on the same test reviews."""
    demand = evidence.gate.baseline
    threshold = f"better than the linear baseline ({demand})"
    if demand == "off":
        return Check(NAME, "not asked", threshold, "pass")
    miss: Result = "fail" if demand == "require" else "warning"
    if evidence.test is None:
        return Check(NAME, "no answers to compare", threshold, miss, "See `same ground`.")
    compared = compare(evidence.test, evidence.linear, evidence.gate)
    if compared is None:
        return Check(NAME, "no row in common", threshold, "fail", "The data is not that of the training.")
    own, others = evidence.test.shared(evidence.linear)
    note = f"Linear {accuracy(others):.4f}, challenger {accuracy(own):.4f} on the same rows. {compared.note}"
    if compared.standing == "better":
        return Check(NAME, compared.figure, threshold, "pass", note)
    lack = f"It does not beat the linear model ({100 * compared.difference.value:+.2f} points)."
    return Check(NAME, compared.figure, threshold, miss, f"{lack} {note}")
