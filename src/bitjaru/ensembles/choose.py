"""From finished runs to an ensemble: read, choose, compare with the best of them, assemble, track."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bitjaru import project
from bitjaru.ensembles import listing
from bitjaru.ensembles.assembly import assemble
from bitjaru.ensembles.candidates import Candidates, answers, named, of_last_group
from bitjaru.ensembles.costs import measure
from bitjaru.ensembles.front import front
from bitjaru.ensembles.members import Members
from bitjaru.ensembles.selection import Ensemble, Library, best, grow, judge
from bitjaru.ensembles.tracked_run import BUNDLE, REPORT, Made, track
from bitjaru.errors import ConfigError
from bitjaru.files import write_text
from bitjaru.models.answers import right
from bitjaru.reporting.paired import Pairs, bootstrap
from bitjaru.reporting.sheet import Sheet
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.models.trained_on import corpus_of

SEED = 42  # of the halves of the validation part, and of the bootstrap


@dataclass(frozen=True)
class Wish:
    """What the user asks for.

    Attributes:
        run_ids: Candidates; none for those of the last search or grid.
        members: At most.
        milliseconds: A review, at most; None for any.
    """

    run_ids: Sequence[str]
    members: int
    milliseconds: float | None


@dataclass(frozen=True)
class Chosen:
    """What came of it.

    Attributes:
        sheets: To be shown.
        run_id: Of the ensemble's run.
        folder: Of everything that it left.
    """

    sheets: Sequence[Sheet]
    run_id: str | None
    folder: Path


def choose(wish: Wish, uri: str, tracking: Tracking) -> Chosen:
    """Makes an ensemble. Only the validation part chooses; the test part is looked at once, for the one chosen.

    Raises:
        ConfigError: If the runs do not fit together, or no ensemble is within the budget.
        TrackingError: If there are no such runs, or the store does not answer.
        BitjaruError: If a member's files or the data are gone.
    """
    started = time.perf_counter()
    candidates = named(uri, wish.run_ids) if wish.run_ids else of_last_group(uri)
    corpus = corpus_of(uri, candidates.runs[0])
    texts = corpus.splits.train.texts
    library = Library.split(
        np.stack([answers.probabilities for answers in candidates.valid]),
        candidates.valid[0].targets,
        measure(uri, candidates, texts),
        seed=SEED,
    )
    path = grow(library, members=wish.members, milliseconds=wish.milliseconds)
    if not path:
        cheapest = min(library.costs.of([each]) for each in range(len(candidates.runs)))
        raise ConfigError(
            f"`--milliseconds` must allow one model at least. Received: {wish.milliseconds:g}; the quickest takes "
            f"{cheapest:.2f}. Raise it, or name other runs with `--runs`."
        )
    kept = best(path)
    members = Members.of(uri, candidates, kept)
    shown = front(library, members=wish.members)
    folder = project.home() / "outputs" / "ensembles" / f"{datetime.now(UTC):%Y-%m-%d-%H-%M-%S-%f}"
    sheets = [
        listing.members_sheet(candidates, library, kept),
        listing.front_sheet(candidates, shown, kept),
        _against_the_best_single(uri, candidates, library, members),
    ]
    note = "\n\n".join(sheet.markdown() for sheet in sheets)
    write_text(folder / REPORT / "ensemble.md", note)
    listing.draw(library, shown, kept, folder / REPORT / "accuracy_against_milliseconds.png")
    metrics = {
        **members.figures,
        "confirmed_accuracy": kept.confirmed,
        "milliseconds_per_review": kept.milliseconds,
    }
    bundle = assemble(uri, members, corpus, folder / BUNDLE)
    made = Made(members, bundle, corpus, metrics, note, time.perf_counter() - started)
    run_id = track(tracking, made, folder)
    return Chosen(sheets, run_id, folder)


def _against_the_best_single(uri: str, candidates: Candidates, library: Library, members: Members) -> Sheet:
    """The best single model is that of the whole validation part, which has a say for neither's test figure."""
    singles = [judge(library, {each: 1}) for each in range(len(candidates.runs))]
    place = max(range(len(singles)), key=lambda each: (_whole(singles[each]), -singles[each].milliseconds))
    run = candidates.runs[place]
    part = "test" if "test" in members.answers else "valid"
    own = answers(uri, run, "test") if part == "test" else candidates.valid[place]
    one, other = members.answers[part].shared(own)
    pairs = Pairs.count(right(one), right(other))
    return listing.comparison_sheet(run, part, (one, other), pairs, bootstrap(pairs, seed=SEED))


def _whole(single: Ensemble) -> float:
    return single.chosen + single.confirmed
