"""How finals end: judged, written down, and tracked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bitjaru.errors import BundleError, ConfigError
from bitjaru.files import write_text
from bitjaru.finals import ensemble, learning, listing
from bitjaru.finals.analysis.scores import Scores
from bitjaru.finals.analysis.two_level import TwoLevel
from bitjaru.finals.analysis.verdicts import verdicts
from bitjaru.finals.execution import finished
from bitjaru.finals.explained import moved
from bitjaru.finals.learning import Curves
from bitjaru.finals.listing import Analysis
from bitjaru.finals.plan import Plan
from bitjaru.finals.record import record
from bitjaru.models import manifest
from bitjaru.models.answers import FOLDER, Answers
from bitjaru.outcome import Outcome
from bitjaru.reporting.sheet import Sheet, csv_text
from bitjaru.runs import description
from bitjaru.tracking.models.files import local_file
from bitjaru.tracking.models.trained_on import corpus_of
from bitjaru.tracking.registry.candidate import candidate
from bitjaru.tracking.registry.last_group import group
from bitjaru.tracking.runs.run import Run

BOOTSTRAP_SEED = 42
REPORT, RECORD = "report", "finals.json"


@dataclass(frozen=True)
class Held:
    """Finals that were held.

    Attributes:
        sheets: To be shown.
        sentences: What they say.
        folder: Of everything that they left.
        run_id: Of the finals' run; None while MLflow has none.
    """

    sheets: Sequence[Sheet]
    sentences: Sequence[str]
    folder: Path
    run_id: str | None


def analyse(plan: Plan, folder: Path, uri: str) -> Analysis:
    """Judges finals that have all finished.

    Args:
        plan: Of the finals.
        folder: Of their outcomes.
        uri: Of the store, which has their answers.
    """
    outcomes = _outcomes(plan, folder)
    answers = [[_answers(uri, each, "test") for each in of_finalist] for of_finalist in outcomes]
    megabytes = [_megabytes(uri, of_finalist[0]) for of_finalist in outcomes]
    chosen = _ensembles(plan, outcomes, answers, uri) if plan.ensemble else []
    if chosen:
        outcomes.append([each.outcome for each in chosen])
        answers.append([each.test for each in chosen])
        of_members = dict(zip(plan.names, megabytes, strict=False))
        megabytes.append(_middle([_together(of_members, list(each.shares)) for each in chosen]))
    scores = Scores.of(answers, plan.names, plan.seeds)
    resampled = TwoLevel.draw(scores.right, seed=BOOTSTRAP_SEED)
    return Analysis(
        plan=plan,
        outcomes=outcomes,
        scores=scores,
        resampled=resampled,
        verdicts=verdicts(scores.accuracies, resampled, margin=plan.margin),
        megabytes=megabytes,
        shares=[each.shares for each in chosen],
    )


def write(analysis: Analysis, curves: Curves, folder: Path, uri: str) -> list[Sheet]:
    """Writes the report's files below the finals' folder; returns the tables among them."""
    sheets = {"finals": listing.table(analysis)}
    if curves:
        sheets["learning"] = learning.table(curves)
    sheets["pairs"] = listing.pairs(analysis)  # last, for it is the longest
    write_text(folder / REPORT / RECORD, _record(analysis, curves, uri))
    write_text(folder / REPORT / "finals.md", _note(analysis, list(sheets.values())))
    for name, sheet in sheets.items():
        write_text(folder / REPORT / f"{name}.csv", _csv(sheet))
    write_text(folder / REPORT / "plan.json", (folder / "plan.json").read_text())
    return list(sheets.values())


def track(run: Run, analysis: Analysis, sheets: Sequence[Sheet], folder: Path) -> Held:
    """Tells MLflow, and ends the finals' run."""
    run.artifacts(folder / REPORT, REPORT)
    run.tag({description.TAG: description.cut(_note(analysis, sheets))})
    run_id = run.run_id
    run.end("FINISHED", None)
    return Held(sheets, listing.sentences(analysis), folder, run_id)


def _note(analysis: Analysis, sheets: Sequence[Sheet]) -> str:
    return "\n\n".join([" ".join(listing.sentences(analysis)), *(sheet.markdown() for sheet in sheets)])


def _outcomes(plan: Plan, folder: Path) -> list[Sequence[Outcome]]:
    by_finalist: dict[str, list[Outcome]] = {each.name: [] for each in plan.finalists}
    for final in plan.finals():
        by_finalist[final.finalist].append(finished(folder, final))
    return list(by_finalist.values())


def _ensembles(
    plan: Plan, outcomes: Sequence[Sequence[Outcome]], test: Sequence[Sequence[Answers]], uri: str
) -> list[ensemble.Final]:
    finals = []
    for place, seed in enumerate(plan.seeds):
        runs = {name: of_finalist[place] for name, of_finalist in zip(plan.names, outcomes, strict=False)}
        valid = [_answers(uri, each, "valid") for each in runs.values()]
        finals.append(ensemble.choose(runs, valid, [each[place] for each in test], seed=seed))
    return finals


def _answers(uri: str, run: Outcome, part: str) -> Answers:
    if run.run_id is None:
        raise ConfigError(
            "The finals' answers are read from MLflow. Received: a final that it does not have yet. Run "
            "`bitjaru doctor`, then the same command."
        )
    return Answers.load(local_file(uri, candidate(uri, run.run_id).source, f"data/{FOLDER}/{part}.npz"))


def _megabytes(uri: str, run: Outcome) -> float | None:
    """Of the saved model without the answers that it keeps; None where an old one has no manifest."""
    try:
        listed = local_file(uri, candidate(uri, str(run.run_id)).source, f"data/{manifest.FILE}")
    except BundleError:
        return None
    return manifest.size(listed.parent, without=FOLDER) / 1e6


def _together(megabytes: dict[str, float | None], names: Sequence[str]) -> float | None:
    known = [each for name in names if (each := megabytes[name]) is not None]
    return sum(known) if len(known) == len(names) else None


def _middle(megabytes: Sequence[float | None]) -> float | None:
    known = [each for each in megabytes if each is not None]
    return median(known) if len(known) == len(megabytes) else None


def _record(analysis: Analysis, curves: Curves, uri: str) -> str:
    corpus = corpus_of(uri, candidate(uri, str(analysis.outcomes[0][0].run_id)))
    place = next(each for each in analysis.scores.by_mean if analysis.outcomes[each][0].run_id is not None)
    run_id, name = str(analysis.outcomes[place][0].run_id), analysis.scores.names[place]
    searched = group(uri, analysis.plan.groups)
    return record(analysis, searched, curves, corpus, explained=(name, lambda texts: moved(uri, run_id, texts)))


def _csv(sheet: Sheet) -> str:
    headings = [column.heading or "name" for column in sheet.columns]
    return csv_text([dict(zip(headings, row, strict=True)) for row in sheet.rows])
