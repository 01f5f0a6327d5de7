"""Were both models judged on the same reviews?"""

from bitjaru.promotion.check import Check, verdict
from bitjaru.promotion.evidence import Evidence

NAME = "same ground"


def same_ground(evidence: Evidence) -> Check:
    """Compares the SHA-256 of the data, the split, and the reviews that both have answered."""
    own = evidence.challenger.data_sha256
    threshold = f"same data and split, ≥ {evidence.gate.shared_rows:.0%} of rows shared"
    if evidence.test is None:
        return Check(NAME, "no answers to a test part", threshold, "fail", "Train with a test part.")
    if evidence.champion is None:
        return Check(NAME, f"sha256 {_short(own)}", threshold, "pass", "There is no champion yet.")
    if not evidence.same_ground and not evidence.new_data:
        figure = f"sha256 {_short(own)}, champion {_short(evidence.champion.data_sha256)}"
        note = "Data or split differ. `--new-data` evaluates the champion on the new data as well."
        return Check(NAME, figure, threshold, "fail", note)
    if evidence.champions is None:
        return Check(NAME, "champion kept no answers", threshold, "fail", "`--force --reason` goes on without them.")
    both, _ = evidence.test.shared(evidence.champions)
    share = len(both) / max(1, min(len(evidence.test), len(evidence.champions)))
    note = "" if evidence.same_ground else "Other data: the champion was evaluated on it as well."
    figure = f"sha256 {_short(own)}, {share:.1%} of rows shared"
    return Check(NAME, figure, threshold, verdict(share >= evidence.gate.shared_rows), note)


def _short(sha256: str | None) -> str:
    return "unknown" if sha256 is None else f"{sha256[:12]}…"
