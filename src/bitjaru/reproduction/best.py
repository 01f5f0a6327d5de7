"""docs/best.md: the best single models, seed by seed, beside the linear model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bitjaru.files import write_text
from bitjaru.models.answers import FOLDER, Answers, accuracy, right
from bitjaru.outcome import Outcome
from bitjaru.reporting.paired import Pairs, mcnemar
from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.statistics import over_seeds
from bitjaru.reporting.wording import MISSING, decimals, duration
from bitjaru.reproduction.plan import Job, Store, plan, recipe_jobs
from bitjaru.tracking.models.files import local_file
from bitjaru.tracking.registry.candidate import candidate

ACCURACY = "test_accuracy_all"
HEAD = """\
# The best single models, run here

This page is written by `make best` from the runs in MLflow; nobody edits it. Test accuracy is over all labelled reviews
of the test part, also those that a tokenizer leaves empty. The test part chose nothing: it was looked at once, at the
end. "Against linear" is the difference on the same reviews, with McNemar's p.
"""


@dataclass(frozen=True)
class Best:
    """One experiment.

    Attributes:
        name: Of `conf/experiment/NAME.yaml`.
        goal: Test accuracy that the mean of the seeds should reach; None: that of the linear model.
        runs: Finished, one a seed.
        linear: The linear model on the same reviews; None where it was not run.
        commands: That run them.
        compared: For each run what stands beside it: difference and p.
    """

    name: str
    goal: float | None
    runs: Sequence[Outcome]
    linear: Outcome | None
    commands: Sequence[str]
    compared: Sequence[str]


def reproduce_best(target: Path, *, uri: str, extra: Sequence[str] = (), run: bool = True) -> list[str]:
    """Runs what is missing and writes the page; returns the commands that failed.

    Args:
        target: The page.
        uri: Of the MLflow store.
        extra: Overrides of every run, to try it on a slice.
        run: Whether missing runs are run at all.
    """
    planned, store = plan()["best"], Store(uri)
    if run:
        for name, wanted in planned["experiments"].items():
            store.run([_linear(wanted, extra), *recipe_jobs(name, planned["seeds"], extra)])
    write_text(target, page([_best(name, planned, store, extra) for name in planned["experiments"]]))
    return store.failed


def page(found: Sequence[Best]) -> str:
    """Returns the page as Markdown."""
    return "\n".join([HEAD, *map(_section, found)])


def _best(name: str, planned: Mapping[str, Any], store: Store, extra: Sequence[str]) -> Best:
    wanted = planned["experiments"][name]
    jobs, linear = recipe_jobs(name, planned["seeds"], extra), _linear(wanted, extra)
    runs = [outcome for job in jobs if (outcome := store.outcome(job)) is not None]
    baseline = store.outcome(linear)
    return Best(
        name=name,
        goal=wanted["goal"],
        runs=runs,
        linear=baseline,
        commands=[linear.command, *(job.command for job in jobs)],
        compared=[_compared(store.uri, each, baseline) for each in runs],
    )


def _linear(wanted: Mapping[str, Any], extra: Sequence[str]) -> Job:
    return Job((*wanted["reviews"], "architecture=linear", *extra))


def _compared(uri: str, run: Outcome, linear: Outcome | None) -> str:
    if linear is None:
        return MISSING
    own, others = _answers(uri, run).shared(_answers(uri, linear))
    test = mcnemar(Pairs.count(right(own), right(others)))
    return f"{100 * (accuracy(own) - accuracy(others)):+.2f} points, p = {test.p:.2g}"


def _answers(uri: str, run: Outcome) -> Answers:
    source = candidate(uri, str(run.run_id)).source
    return Answers.load(local_file(uri, source, f"data/{FOLDER}/test.npz"))


def _section(best: Best) -> str:
    lines = [f"## {best.name}", "", *(f"    {command}" for command in best.commands), ""]
    if not best.runs:
        return "\n".join([*lines, "Not run yet.", ""])
    values = [run.metrics[ACCURACY] for run in best.runs]
    of_linear = None if best.linear is None else best.linear.metrics[ACCURACY]
    goal = of_linear if best.goal is None else best.goal
    met = "" if goal is None else f" Goal {goal:.4f}: {'met' if fmean(values) >= goal else 'MISSED'}."
    rows = [_row(f"seed {run.seed}", run, said) for run, said in zip(best.runs, best.compared, strict=True)]
    if best.linear is not None:
        rows.append(_row("linear", best.linear, MISSING))
    table = Sheet(
        title="",
        columns=[
            Column("", figures=False),
            *(Column(name) for name in ("valid accuracy", "test accuracy, all", "ms a review", "time")),
            Column("against linear", figures=False),
        ],
        rows=rows,
    )
    return "\n".join([*lines, table.markdown(), f"Mean of the seeds: {over_seeds(values)}.{met}", ""])


def _row(name: str, run: Outcome, compared: str) -> list[str]:
    milliseconds = run.metrics.get("milliseconds_per_review")
    return [
        name,
        decimals(run.objective),
        decimals(run.metrics[ACCURACY]),
        MISSING if milliseconds is None else f"{milliseconds:.2f}",
        duration(run.seconds),
        compared,
    ]
