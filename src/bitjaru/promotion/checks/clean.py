"""Is it known where the model comes from, and is nothing hidden in it?"""

import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bitjaru.promotion.check import Check
from bitjaru.promotion.evidence import Evidence

NAME = "clean"
PICKLES = {".pkl", ".pickle", ".joblib", ".dill", ".pt", ".pth", ".h5"}
SAME_PARTS = 0.5
COMMIT, WHY_NO_COMMIT = "mlflow.source.git.commit", "git"


def clean(evidence: Evidence) -> Check:
    """Looks at how the run ended, what the search saw, what is recorded, and for pickles among the files."""
    faults, doubts = list(_faults(evidence)), list(_doubts(evidence))
    threshold = "finished, test part unseen, git and licence noted, no pickle"
    note = " ".join([*faults, *doubts])
    if faults:
        return Check(NAME, f"{len(faults)} of it missing", threshold, "fail", note)
    return Check(NAME, "all of it", threshold, "warning" if doubts else "pass", note)


def _faults(evidence: Evidence) -> Iterator[str]:
    run = evidence.run
    if run.status != "FINISHED":
        yield f"The run is {run.status}."
    if "test" in run.params.get("trainer.early_stopping.monitor", ""):
        yield "Training stopped by the test part."
    if _parts_overlap(evidence):
        yield "The validation part, by which it was chosen, holds reviews of the test part."
    if not any(tag in run.tags for tag in (COMMIT, WHY_NO_COMMIT)):
        yield "The state of git is not recorded."
    if not run.licences or not all(run.licences):
        yield "The licence of the data is not noted."
    if pickles := sorted(path.name for path in evidence.challenger.folder.rglob("*") if _holds_pickle(path)):
        yield f"Pickles among its files: {', '.join(pickles)}."


def _doubts(evidence: Evidence) -> Iterator[str]:
    tags = evidence.run.tags
    if WHY_NO_COMMIT in tags:
        yield f"No commit tells which code it was (git: {tags[WHY_NO_COMMIT]})."
    if tags.get("mlflow.source.git.dirty") == "true":
        yield "The working tree had changes that no commit holds."


def _parts_overlap(evidence: Evidence) -> bool:
    """Some reviews (`최고`) stand in both by right; half of a part does not."""
    valid, test = evidence.challenger.answers("valid"), evidence.test
    if valid is None or test is None:
        return False
    both, _ = test.shared(valid)
    return len(both) > SAME_PARTS * min(len(valid), len(test))


def _holds_pickle(path: Path) -> bool:
    if not path.is_file():
        return False
    if path.suffix in PICKLES:
        return True
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(_is_pickle(archive.open(name).read(2)) for name in archive.namelist())
    with path.open("rb") as file:
        return _is_pickle(file.read(2))


def _is_pickle(start: bytes) -> bool:
    """Protocol 2 and newer begin with an opcode and their number; older ones are text and have no mark."""
    return start[:1] == pickle.PROTO and b"\x02" <= start[1:2] <= bytes([pickle.HIGHEST_PROTOCOL])
