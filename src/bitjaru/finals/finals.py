"""From a search to a verdict: freeze the plan, run what is missing, judge, track."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bitjaru import project
from bitjaru.errors import BitjaruError, ConfigError
from bitjaru.files import write_text
from bitjaru.finals import learning, listing
from bitjaru.finals.analysis.scores import Scores
from bitjaru.finals.analysis.two_level import TwoLevel
from bitjaru.finals.analysis.verdicts import fewest_seeds, verdicts
from bitjaru.finals.execution import alone, finished, run_missing
from bitjaru.finals.finalists import finalists, same_data, unequal
from bitjaru.finals.learning import Curves, learning_curves
from bitjaru.finals.listing import Analysis
from bitjaru.finals.plan import Plan
from bitjaru.finals.record import record
from bitjaru.models.answers import FOLDER, Answers
from bitjaru.outcome import Outcome
from bitjaru.reporting.sheet import Sheet, csv_text
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.models.files import local_file
from bitjaru.tracking.models.trained_on import corpus_of
from bitjaru.tracking.registry.candidate import candidate
from bitjaru.tracking.registry.last_group import group
from bitjaru.tracking.runs import provenance, recovery
from bitjaru.tracking.runs.run import Run

BOOTSTRAP_SEED = 42
REPORT, RECORD = "report", "finals.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What the user asks for.

    Attributes:
        searches: Run ids of searches or grids; none for the last.
        top: How many architectures; None for all.
        against: Architectures that come in anyway.
        seeds: How many.
        margin: Differences of accuracy below it do not matter.
        fractions: Shares of the training part for the learning curves; none for no curves.
        jobs: How many finals run at the same time.
    """

    searches: Sequence[str]
    top: int | None
    against: Sequence[str]
    seeds: int
    margin: float
    fractions: Sequence[float]
    jobs: int


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


def hold(wish: Wish, uri: str, tracking: Tracking) -> Held:
    """Runs what is missing of the finals, and judges.

    Raises:
        ConfigError: If the wish or the search is none to hold finals of.
        TrackingError: If the store does not answer or has no such search.
        FinalsError: If a final failed.
    """
    plan = _plan(wish, uri)
    folder = project.home() / "outputs" / "finals" / f"{plan.dataset}-{plan.identity}"
    with alone(folder):
        if not (folder / "plan.json").exists():
            plan.save(folder)
        plan = Plan.load(folder)
        _say(plan, folder)
        run = _start(tracking, plan, folder)
        try:
            run_missing(plan, folder, jobs=wish.jobs)
            analysis = analyse(plan, _outcomes(plan, folder), uri)
            curves = learning_curves(plan, folder)
            write_text(folder / REPORT / RECORD, _record(analysis, curves, uri))
            return _end(run, analysis, curves, folder)
        except KeyboardInterrupt:
            run.end("KILLED", "interrupted")
            raise
        except BitjaruError as error:
            run.end("FAILED", str(error).splitlines()[0][:250])
            raise


def analyse(plan: Plan, outcomes: Sequence[Sequence[Outcome]], uri: str) -> Analysis:
    """Judges finals that have all finished.

    Args:
        plan: Of the finals.
        outcomes: Of each finalist with each seed.
        uri: Of the store, which has their answers.
    """
    names = [each.name for each in plan.finalists]
    answers = [[_answers(uri, each) for each in of_finalist] for of_finalist in outcomes]
    scores = Scores.of(answers, names, plan.seeds)
    resampled = TwoLevel.draw(scores.right, seed=BOOTSTRAP_SEED)
    return Analysis(plan, outcomes, scores, resampled, verdicts(scores.accuracies, resampled, margin=plan.margin))


def _plan(wish: Wish, uri: str) -> Plan:
    if wish.seeds < 1:
        raise ConfigError(f"`--seeds` must be 1 or more. Received: {wish.seeds}. The default is 8.")
    if not 0 <= wish.margin < 1:
        raise ConfigError(f"`--margin` must be a share from 0 to 1. Received: {wish.margin:g}. 0.003 is 0.3 points.")
    if any(not 0 < fraction < 1 for fraction in wish.fractions):
        raise ConfigError(
            f"`--fractions` must be shares between 0 and 1. Received: {', '.join(map(str, wish.fractions))}. The whole "
            "training part is in anyway; the default is 0.1,0.3."
        )
    searched = group(uri, wish.searches)
    datasets = {run.tags.get("dataset", "") for run in searched.tried}
    if len(datasets) != 1:
        raise ConfigError(
            f"Finals are held on one data set. Received: {', '.join(sorted(datasets)) or 'no run'}, in "
            f"{searched.name!r}. Name another search with `--search`."
        )
    found = finalists(searched, top=wish.top, against=wish.against)
    same_data(found, searched)
    return Plan(
        groups=searched.run_ids,
        searched=searched.name,
        dataset=datasets.pop(),
        finalists=tuple(found),
        seeds=tuple(range(1, wish.seeds + 1)),
        margin=wish.margin,
        fractions=tuple(sorted(wish.fractions)),
        commit=provenance.tags().get("mlflow.source.git.commit", ""),
    )


def _say(plan: Plan, folder: Path) -> None:
    log.info("Finals on %s, frozen in %s:", plan.dataset, folder)
    for each in plan.finalists:
        log.info("  %s: %s", each.name, " ".join(each.overrides))
    if (told := unequal(plan.finalists)) is not None:
        log.warning("%s", told)
    needed = fewest_seeds(len(plan.finalists))
    if len(plan.seeds) < needed:
        log.warning(
            "%d seeds cannot call any of %d finalists better, whatever they find: %d can (`--seeds %d`).",
            len(plan.seeds),
            len(plan.finalists),
            needed,
            needed,
        )


def _start(tracking: Tracking, plan: Plan, folder: Path) -> Run:
    if recovery.holds_run(folder):
        return Run.reopen(folder)
    tracking.prepare(plan.dataset)
    config: Mapping[str, object] = {
        "searches": ", ".join(plan.groups),
        "seeds": len(plan.seeds),
        "margin": plan.margin,
        "finalists": {each.name: " ".join(each.overrides) for each in plan.finalists},
    }
    tags = {"dataset": plan.dataset, "searched": ", ".join(plan.groups)}
    run: Run = tracking.start(
        folder,
        name=f"finals of {plan.searched}",
        kind="finals",
        experiment=plan.dataset,
        config=config,
        tags=tags,
    )
    return run


def _outcomes(plan: Plan, folder: Path) -> list[list[Outcome]]:
    by_finalist: dict[str, list[Outcome]] = {each.name: [] for each in plan.finalists}
    for final in plan.finals():
        by_finalist[final.finalist].append(finished(folder, final))
    return list(by_finalist.values())


def _answers(uri: str, run: Outcome) -> Answers:
    if run.run_id is None:
        raise ConfigError(
            "The finals' answers are read from MLflow. Received: a final that it does not have yet. Run "
            "`bitjaru doctor`, then the same command."
        )
    return Answers.load(local_file(uri, candidate(uri, run.run_id).source, f"data/{FOLDER}/test.npz"))


def _record(analysis: Analysis, curves: Curves, uri: str) -> str:
    first = candidate(uri, str(analysis.outcomes[0][0].run_id))
    corpus = corpus_of(uri, first)
    test = corpus.splits.test
    texts = [] if test is None else list(test.texts)
    return record(analysis, group(uri, analysis.plan.groups), curves, corpus, texts)


def _end(run: Run, analysis: Analysis, curves: Curves, folder: Path) -> Held:
    sheets = {"finals": listing.table(analysis), "pairs": listing.pairs(analysis)}
    if curves:
        sheets["learning"] = learning.table(curves)
    said = listing.sentences(analysis)
    note = "\n\n".join([" ".join(said), *(sheet.markdown() for sheet in sheets.values())])
    write_text(folder / REPORT / "finals.md", note)
    for name, sheet in sheets.items():
        write_text(folder / REPORT / f"{name}.csv", _csv(sheet))
    write_text(folder / REPORT / "plan.json", (folder / "plan.json").read_text())
    run.artifacts(folder / REPORT, REPORT)
    run.tag({"mlflow.note.content": note})
    run_id = run.run_id
    run.end("FINISHED", None)
    return Held(list(sheets.values()), said, folder, run_id)


def _csv(sheet: Sheet) -> str:
    headings = [column.heading or "name" for column in sheet.columns]
    return csv_text([dict(zip(headings, row, strict=True)) for row in sheet.rows])
