"""Is the stored model the one that was evaluated?"""

from bitjaru.parts import Answer
from bitjaru.promotion.check import Check, verdict
from bitjaru.promotion.evidence import Evidence
from bitjaru.vocabulary import Vocabulary

NAME = "same model"


def same_model(evidence: Evidence) -> Check:
    """Compares answers of a fresh process with those given at training time, on texts of the test part."""
    gate, challenger = evidence.gate, evidence.challenger
    golden = challenger.golden
    threshold = f"≤ {gate.golden_tolerance:.0e} on ≥ {gate.golden_rows} rows"
    if len(golden.texts) < gate.golden_rows:
        return Check(NAME, f"{len(golden.texts)} golden rows", threshold, "fail", "The test part is too small for it.")
    vocabulary = Vocabulary.load(challenger.bundle / "vocabulary.json")
    then = challenger.task.answers(golden.probabilities, vocabulary)
    gap = max(_difference(*pair) for pair in zip(then, challenger.measured.answers, strict=True))
    figure = f"{gap:.1e} on {len(then)} rows"
    note = "Largest difference of a probability, answered again by the stored model in a fresh process."
    return Check(NAME, figure, threshold, verdict(gap <= gate.golden_tolerance), note)


def _difference(one: Answer, other: Answer) -> float:
    """At a probability of a half the label may turn over while hardly anything changes."""
    if one.label == other.label:
        return abs(one.probability - other.probability)
    return abs(one.probability - (1 - other.probability))
