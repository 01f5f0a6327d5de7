"""docs/results.md from the runs in MLflow, after running those that are missing."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copyfile
from typing import Any

from bitjaru import project
from bitjaru.configuration import build_part, compose_config
from bitjaru.errors import ConfigError
from bitjaru.files import replacing, write_text
from bitjaru.outcome import Outcome
from bitjaru.reproduction import finals_pages
from bitjaru.reproduction.contest import Competitor, Contest
from bitjaru.reproduction.plan import Job, Store, plan, recipe_jobs
from bitjaru.reproduction.results_page import Recipe, page
from bitjaru.tracking.runs.finished_runs import artifact

CURVES = "report/curves.png"
LINEAR = "linear: TF-IDF, logistic regression"


def reproduce(
    target: Path, *, uri: str, only: Sequence[str] = (), extra: Sequence[str] = (), run: bool = True
) -> list[str]:
    """Runs what is missing and writes the page.

    Args:
        target: The page; pictures go into a folder of its name beside it.
        uri: Of the MLflow store.
        only: Recipes, or `question`; all where none is named. The page lists the others as they are.
        extra: Overrides of every run, to try it on a slice.
        run: Whether missing runs are run at all.

    Returns:
        The commands that failed.

    Raises:
        ConfigError: If `only` names what does not exist.
        DataError: If runs of different data would stand in one comparison; the page stays as it was.
    """
    planned = plan()
    _check(only, planned)
    store = Store(uri)
    for name, wanted in planned["recipes"].items():
        if run and (not only or name in only):
            store.run(recipe_jobs(name, wanted["seeds"], extra))
    asking = run and (not only or "question" in only)
    question = {
        name: _contest(name, list(_competitors(name, planned["question"], store, extra, asking)), target)
        for name in planned["question"]["datasets"]
    }
    recipes = [_recipe(name, wanted, store, extra, target) for name, wanted in planned["recipes"].items()]
    write_text(target, page(recipes, question, finals_pages.said(target)))
    return store.failed


def _check(only: Sequence[str], planned: Mapping[str, Any]) -> None:
    known = [*planned["recipes"], "question"]
    if unknown := [name for name in only if name not in known]:
        raise ConfigError(
            f"`--only` must name recipes or `question`. Received: {unknown[0]}. There are: {', '.join(known)}."
        )


def _recipe(name: str, wanted: Mapping[str, Any], store: Store, extra: Sequence[str], target: Path) -> Recipe:
    jobs = recipe_jobs(name, wanted["seeds"], extra)
    runs = [outcome for job in jobs if (outcome := store.outcome(job)) is not None]
    return Recipe(
        name=name,
        metric=wanted["metric"],
        of=wanted["of"],
        printed=wanted["printed"],
        printed_seconds=wanted["seconds"],
        remarks=_remarks(name),
        cause=wanted.get("cause"),
        command=jobs[0].command,
        runs=runs,
        picture=_picture(name, runs, store, target),
    )


def _remarks(name: str) -> str:
    """Returns the comment at the head of a recipe: what its document prints, and what differs here."""
    lines = (project.conf() / "experiment" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    words: list[str] = []
    for line in lines[1:]:
        if not line.startswith("# "):
            break
        words.append(line.removeprefix("# "))
    return " ".join(words).replace(" Differs: ", "\n\nDiffers: ")


def _picture(name: str, runs: Sequence[Outcome], store: Store, target: Path) -> str | None:
    if not runs or runs[0].run_id is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        found = artifact(store.uri, runs[0].run_id, CURVES, Path(folder))
        if found is None:
            return None
        with replacing(target.with_suffix("") / f"{name}.png") as temporary:
            copyfile(found, temporary)
    return f"{target.stem}/{name}.png"


def _contest(dataset: str, competitors: Sequence[Competitor], target: Path) -> Contest:
    from bitjaru.reporting import plots

    runs = [run for each in competitors for run in each.runs]
    if not any(run.epoch_seconds for run in runs):
        return Contest(competitors=competitors, picture=None)
    name = f"{dataset}_against_seconds.png"
    drawn = plots.against_seconds(runs, objective="accuracy", direction="maximize")
    plots.save(drawn, target.with_suffix("") / name)
    return Contest(competitors=competitors, picture=f"{target.stem}/{name}")


def _competitors(
    dataset: str, question: Mapping[str, Any], store: Store, extra: Sequence[str], run: bool
) -> Iterator[Competitor]:
    """Tunes each competitor, runs the chosen setting with every seed, and adds the linear model."""
    asked = question["datasets"][dataset]
    shared = (*asked["reviews"], *question["shared"], *extra)
    for name, own in question["competitors"].items():
        if name in asked["leave_out"]:
            continue
        chosen = _tuned((*shared, *own), question, store, run)
        if chosen is None:
            continue
        jobs = [Job((*chosen, f"seed={seed}")) for seed in question["seeds"]]
        if run:
            store.run(jobs)
        runs = [outcome for job in jobs if (outcome := store.outcome(job)) is not None]
        yield Competitor(name=name, chosen=chosen[-1].removeprefix("optimizer."), runs=runs)
    linear = Job((*shared, *question["baseline"]))
    if run:
        store.run([linear])
    if (fitted := store.outcome(linear)) is not None:
        yield Competitor(name=LINEAR, chosen="", runs=[fitted])


def _tuned(overrides: Sequence[str], question: Mapping[str, Any], store: Store, run: bool) -> tuple[str, ...] | None:
    """Returns the overrides with the learning rate that is best on the validation part; None if none was run."""
    tried = [(*overrides, f"optimizer.learning_rate={rate}") for rate in question["learning_rates"]]
    jobs = [Job((*each, f"seed={question['seeds'][0]}")) for each in tried]
    if run:
        store.run(jobs)
    sign = 1 if build_part(compose_config(overrides), "task").direction == "maximize" else -1
    scored = [
        (sign * outcome.objective, each)
        for each, job in zip(tried, jobs, strict=True)
        if (outcome := store.outcome(job)) is not None and outcome.objective is not None
    ]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None
