"""Is the challenger small and fast enough, and not worse than a linear model, which trains in a minute?"""

from math import ceil

from bitjaru.models.answers import accuracy
from bitjaru.promotion.check import Check, Result, verdict
from bitjaru.promotion.evidence import Evidence
from bitjaru.promotion.paired_answers import compare


def affordable(evidence: Evidence) -> Check:
    """Compares size and time, tokenizing included, with the budget."""
    gate, measured = evidence.gate, evidence.challenger.measured
    asked = {
        "megabytes": (measured.megabytes, gate.megabytes),
        "single_milliseconds": (measured.single, gate.single_milliseconds),
        "batch_milliseconds": (measured.batch, gate.batch_milliseconds),
    }
    figure = f"{measured.megabytes:.1f} MB, {measured.single:.1f} ms alone, {measured.batch:.2f} ms in a batch"
    threshold = f"≤ {gate.megabytes:g} MB, {gate.single_milliseconds:g} ms, {gate.batch_milliseconds:g} ms"
    beyond = " ".join(f"gate.{name}={ceil(has)}" for name, (has, limit) in asked.items() if has > limit)
    note = "Of a review, tokenizing included, on this machine."
    if beyond:
        note += f" To allow it: `{beyond}`. For less, `bitjaru ensemble` takes `--members` and `--milliseconds`."
    return Check("affordable", figure, threshold, verdict(not beyond), note)


def not_worse_than_linear(evidence: Evidence) -> Check:
    """Compares the challenger with TF-IDF and logistic regression on the same test reviews."""
    name, demand = "not worse than linear", evidence.gate.baseline
    threshold = f"not worse than the linear model ({demand})"
    if demand == "off":
        return Check(name, "not asked", threshold, "pass")
    miss: Result = "fail" if demand == "require" else "warning"
    if evidence.test is None:
        return Check(name, "no answers to compare", threshold, miss, "See `same ground`.")
    compared = compare(evidence.test, evidence.linear, evidence.gate)
    if compared is None:
        return Check(name, "no row in common", threshold, "fail", "The data is not that of the training.")
    own, others = evidence.test.shared(evidence.linear)
    note = f"Linear {accuracy(others):.4f}, challenger {accuracy(own):.4f} on the same rows. {compared.note}"
    if compared.standing != "worse":
        return Check(name, compared.figure, threshold, "pass", note)
    advice = (
        f"A linear model, which trains in a minute, is better. Train it with `architecture=linear` on this data and "
        f"promote that run, or pass this one with `gate.baseline=warn`. {note}"
    )
    return Check(name, compared.figure, threshold, miss, advice)
