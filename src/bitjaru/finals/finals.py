"""From a search to a verdict: freeze the plan, run what is missing, judge, track."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bitjaru import project
from bitjaru.errors import BitjaruError, ConfigError
from bitjaru.finals import ensemble
from bitjaru.finals.analysis.sign_test import fewest_seeds
from bitjaru.finals.conclusion import Held, analyse, track, write
from bitjaru.finals.execution import alone, run_missing
from bitjaru.finals.finalists import finalists, same_data, spent, unequal
from bitjaru.finals.learning import learning_curves
from bitjaru.finals.plan import Plan
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.registry.last_group import group
from bitjaru.tracking.runs import provenance, recovery
from bitjaru.tracking.runs.run import Run

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
        ensemble: Whether one out of the others takes part.
        jobs: How many finals run at the same time.
    """

    searches: Sequence[str]
    top: int | None
    against: Sequence[str]
    seeds: int
    margin: float
    fractions: Sequence[float]
    ensemble: bool
    jobs: int


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
            analysis = analyse(plan, folder, uri)
            return track(run, analysis, write(analysis, learning_curves(plan, folder), folder, uri), folder)
        except KeyboardInterrupt:
            run.end("KILLED", "interrupted")
            raise
        except BitjaruError as error:
            run.end("FAILED", str(error).splitlines()[0][:250])
            raise


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
        fractions=tuple(sorted(set(wish.fractions))),
        ensemble=wish.ensemble,
        commit=provenance.tags().get("mlflow.source.git.commit", ""),
    )


def _say(plan: Plan, folder: Path) -> None:
    log.info("Finals on %s, frozen in %s:", plan.dataset, folder)
    for each in plan.finalists:
        log.info("  %s: %s", each.name, " ".join(each.overrides))
    if plan.ensemble:
        log.info("  %s: up to %d of them, by the validation part of each seed", ensemble.NAME, ensemble.MEMBERS)
    if (told := unequal(plan.finalists)) is not None:
        log.warning("%s", told)
    elif (told := spent(plan.finalists)) is not None:
        log.info("%s", told)
    needed = fewest_seeds(len(plan.names))
    if len(plan.seeds) < needed:
        log.warning(
            "%d seeds cannot call any of %d finalists better, whatever they find: %d can (`--seeds %d`).",
            len(plan.seeds),
            len(plan.names),
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
