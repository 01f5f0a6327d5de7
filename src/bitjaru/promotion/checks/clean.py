"""Is it known where the model comes from, and is nothing hidden in it?"""

import re
from collections.abc import Iterator

from bitjaru.promotion.check import Check, Result
from bitjaru.promotion.evidence import Evidence
from bitjaru.promotion.pickles import pickles

NAME = "clean"
SAME_PARTS = 0.5
COMMIT, DIRTY, WHY_NO_COMMIT = "mlflow.source.git.commit", "mlflow.source.git.dirty", "git"
TEST = re.compile(r"(^|[^a-z])test([^a-z]|$)")


def clean(evidence: Evidence) -> Check:
    """Looks at how the run ended, what it was chosen by, what is recorded, and for pickles among the files."""
    run, required = evidence.run, evidence.gate.git == "require"
    uncommitted = list(_uncommitted(evidence))
    faults = [*_faults(evidence), *(uncommitted if required else ())]
    doubts = [*_unknown(evidence), *(() if required else uncommitted)]
    figure = f"{run.status}, chosen by {' and '.join(run.judges) or 'no figure'}, {_code(evidence)}"
    threshold = f"FINISHED, test part unseen, git recorded ({evidence.gate.git}), licence noted, no pickle"
    result: Result = "fail" if faults else "warning" if doubts else "pass"
    return Check(NAME, figure, threshold, result, " ".join([*faults, *doubts]))


def _faults(evidence: Evidence) -> Iterator[str]:
    run = evidence.run
    if run.status != "FINISHED":
        yield f"The run is {run.status}."
    if seen := [name for name in run.judges if TEST.search(name)]:
        yield f"It was chosen or stopped by the test part: {', '.join(seen)}."
    if _parts_overlap(evidence):
        yield "The validation part, by which it was chosen, holds reviews of the test part."
    if COMMIT not in run.tags and WHY_NO_COMMIT not in run.tags:
        yield "The state of git is not recorded."
    if not run.licences or not all(run.licences):
        yield "The licence of the data is not noted."
    if found := pickles(evidence.challenger.folder):
        yield f"Pickles among its files: {', '.join(found)}."


def _uncommitted(evidence: Evidence) -> Iterator[str]:
    tags = evidence.run.tags
    if WHY_NO_COMMIT in tags:
        yield f"No commit tells which code it was (git: {tags[WHY_NO_COMMIT]})."
    if tags.get(DIRTY) == "true":
        yield "The working tree had changes that no commit holds."


def _unknown(evidence: Evidence) -> Iterator[str]:
    if "valid" in evidence.run.rows and not evidence.run.judges:
        yield "By which figure it was chosen is not recorded."


def _code(evidence: Evidence) -> str:
    tags = evidence.run.tags
    if COMMIT not in tags:
        return f"git: {tags.get(WHY_NO_COMMIT, 'not recorded')}"
    return f"commit {tags[COMMIT][:8]} {'dirty' if tags.get(DIRTY) == 'true' else 'clean'}"


def _parts_overlap(evidence: Evidence) -> bool:
    """Some reviews (`최고`) stand in both by right; half of a part does not."""
    valid, test = evidence.challenger.answers("valid"), evidence.test
    if valid is None or test is None:
        return False
    both, _ = test.shared(valid)
    return len(both) > SAME_PARTS * min(len(valid), len(test))
