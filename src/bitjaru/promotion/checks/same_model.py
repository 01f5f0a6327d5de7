"""Is the stored model the one that was evaluated?"""

from bitjaru.promotion.check import Check, verdict
from bitjaru.promotion.evidence import Evidence
from bitjaru.tasks import Answer

NAME = "same model"


def same_model(evidence: Evidence) -> Check:
    """Compares answers of a fresh process with those given at training time, on texts of the test part."""
    gate, challenger = evidence.gate, evidence.challenger
    golden = challenger.golden
    part = next((part for part in ("test", "valid") if part in evidence.run.rows), "train")
    threshold = f"≤ {gate.golden_tolerance:.0e} on ≥ {gate.golden_rows} rows of the test part"
    then = challenger.task.answers(golden.probabilities, challenger.words)
    gap = max(_difference(*pair) for pair in zip(then, challenger.measured.answers, strict=True))
    figure = f"{gap:.1e} on {len(then)} rows" + ("" if part == "test" else f" of the {part} part")
    held = gap <= gate.golden_tolerance and len(then) >= gate.golden_rows and part == "test"
    note = f"{_too_few(evidence, len(then))}Largest difference of a probability, answered again in a fresh process."
    return Check(NAME, figure, threshold, verdict(held), note)


def _too_few(evidence: Evidence, rows: int) -> str:
    """What is missing and how to get it, or nothing."""
    if "test" not in evidence.run.rows:
        return f"{evidence.lack} "
    if rows < evidence.gate.golden_rows:
        return (
            f"The test part has too few rows. Train with a larger one (`dataset.test.fraction`, `dataset.rows`), or "
            f"ask for fewer: `gate.golden_rows={rows}`. "
        )
    return ""


def _difference(one: Answer, other: Answer) -> float:
    """At a probability of a half the label may turn over while hardly anything changes."""
    if one.label == other.label:
        return abs(one.probability - other.probability)
    return abs(one.probability - (1 - other.probability))
