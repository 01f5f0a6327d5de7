"""Were both models judged on the same reviews?"""

from bitjaru.promotion.check import Check, verdict
from bitjaru.promotion.evidence import Evidence, shared_rows

NAME = "same ground"


def same_ground(evidence: Evidence) -> Check:
    """Compares the SHA-256 of the data, the split, and the reviews that both have answered."""
    own = evidence.challenger.data_sha256
    threshold = f"same data and split, ≥ {evidence.gate.shared_rows:.0%} of rows shared"
    if "test" not in evidence.run.rows:
        return Check(NAME, "no test part", threshold, "fail", evidence.lack)
    if evidence.champion is None:
        return Check(NAME, f"sha256 {_short(own)}", threshold, "pass", "There is no champion yet.")
    if evidence.test is None:
        return Check(NAME, "no answers to compare", threshold, "fail", evidence.lack)
    if evidence.champions is None:
        figure = f"sha256 {_short(own)}, champion {_short(evidence.champion.data_sha256)}"
        note = f"{evidence.difference} `--new-data` evaluates the champion on the new model's test part as well."
        return Check(NAME, figure, threshold, "fail", note)
    share = shared_rows(evidence.test, evidence.champions)
    figure = f"sha256 {_short(own)}, {share:.1%} of rows shared"
    return Check(NAME, figure, threshold, verdict(share >= evidence.gate.shared_rows), _note(evidence))


def _note(evidence: Evidence) -> str:
    if evidence.difference is None or evidence.champion is None:
        return ""
    said = f"{evidence.difference} The champion was evaluated on the new model's test part as well."
    if evidence.challenger.data_sha256 != evidence.champion.data_sha256:
        return said
    return f"{said} It may have learned from some of these reviews: they come from the same files."


def _short(sha256: str | None) -> str:
    return "unknown" if sha256 is None else f"{sha256[:12]}…"
