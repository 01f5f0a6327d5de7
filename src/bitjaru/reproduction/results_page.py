"""docs/results.md: the documents' figures beside ours, and which architecture is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bitjaru.errors import DataError
from bitjaru.outcome import Outcome
from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.statistics import Interval, over_seeds
from bitjaru.reporting.wording import MISSING, count, decimals, duration
from bitjaru.reproduction.contest import QUESTION, Contest, contest_section, epoch_seconds
from bitjaru.reproduction.finals_pages import section

Of = Literal["best", "last", "final"]
HEAD = """\
# The documents' systems, run here

This page is written by `make reproduce` from the runs in MLflow; nobody edits it. A mean over several seeds stands with
its 95 % interval (Student's t), a single run without one. "Best" is the best epoch on the validation part, "last" the
last one, "final" the weights that were kept. No test part chose anything: it was looked at once, at the end.
What is best of all is on two pages of their own: [single models](best.md) and [ensembles](ensembles.md).
"""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A recipe, what its document prints, and our runs of it.

    Attributes:
        name: Of `conf/experiment/NAME.yaml`.
        metric: The figure that is compared, with its part: `valid_accuracy`.
        of: Of which epoch.
        printed: The document's figure; None if it prints none.
        printed_seconds: Seconds of an epoch as printed.
        remarks: What the recipe's file says of its document: printed figures and differences.
        cause: Why ours falls short of the printed figure, as far as it was found out; None where it does not.
        command: That runs it.
        runs: Finished, one a seed.
        picture: Of the first run's curves, seen from the page; None if it has none.
    """

    name: str
    metric: str
    of: Of
    printed: float | None
    printed_seconds: float | None
    remarks: str
    cause: str | None
    command: str
    runs: Sequence[Outcome]
    picture: str | None


def page(recipes: Sequence[Recipe], question: Mapping[str, Contest], finals: Mapping[str, str]) -> str:
    """Returns the page as Markdown.

    Args:
        recipes: In the order of the page; one without runs is listed as not run.
        question: Which architecture is better, on each data set.
        finals: What the finals of each data set say.

    Raises:
        DataError: If runs that stand in one comparison learned from different data.
    """
    for name in dict.fromkeys(_dataset(recipe) for recipe in recipes if recipe.runs):
        _one_data_set(
            [run for recipe in recipes if recipe.runs and _dataset(recipe) == name for run in recipe.runs], name
        )
    for name, contest in question.items():
        _one_data_set([run for each in contest.competitors for run in each.runs], name)
    lead = [section(finals), "## The documents' figures\n"] if finals else []
    sections = [HEAD, *lead, _table(recipes).markdown(), *map(_section, recipes)]
    sections.append("## Which architecture is better?\n\n" + QUESTION)
    sections += [contest_section(name, contest) for name, contest in question.items()]
    return "\n".join(sections)


def figure(recipe: Recipe, run: Outcome) -> float | None:
    """Returns the figure of one run that is compared with the printed one."""
    values = run.history.get(recipe.metric, ())
    if recipe.of == "final" or not values:
        return run.metrics.get(recipe.metric)
    return max(values) if recipe.of == "best" else values[-1]


def _one_data_set(runs: Sequence[Outcome], name: str) -> None:
    sums = sorted({run.data_sha256 or "unknown" for run in runs})
    if len(sums) > 1:
        raise DataError(
            f"Runs that are compared must have learned from the same data. Received: {name} with the sha256 "
            f"{' and '.join(each[:12] + '…' for each in sums)}. Run those of one of them again: `make reproduce`."
        )


def _dataset(recipe: Recipe) -> str:
    return recipe.runs[0].choices.get("dataset", "")


def _table(recipes: Sequence[Recipe]) -> Sheet:
    columns = ("recipe", "figure", "printed", "ours", "difference", "epochs", "per epoch", "printed", "size", "runs")
    return Sheet(
        title="",
        columns=[Column(name, figures=place > 1) for place, name in enumerate(columns)],
        rows=[_row(recipe) for recipe in recipes],
    )


def _row(recipe: Recipe) -> list[str]:
    link = f"[{recipe.name}](#{recipe.name})"
    printed = decimals(recipe.printed)
    what = f"{recipe.metric.replace('_', ' ')}, {recipe.of}"
    if not recipe.runs:
        seconds = duration(recipe.printed_seconds)
        return [link, what, printed, "not run", MISSING, MISSING, MISSING, seconds, MISSING, "0"]
    ours = _over(recipe)
    gap = MISSING if ours is None or recipe.printed is None else f"{ours.value - recipe.printed:+.4f}"
    return [
        link,
        what,
        printed,
        MISSING if ours is None else str(ours),
        gap,
        _epochs(recipe.runs),
        duration(epoch_seconds(recipe.runs)),
        duration(recipe.printed_seconds),
        count(recipe.runs[0].weights),
        str(len(recipe.runs)),
    ]


def _over(recipe: Recipe) -> Interval | None:
    values = [value for run in recipe.runs if (value := figure(recipe, run)) is not None]
    return over_seeds(values) if values else None


def _epochs(runs: Sequence[Outcome]) -> str:
    return ", ".join(dict.fromkeys(str(len(run.history.get("train_loss", ()))) for run in runs))


def _section(recipe: Recipe) -> str:
    lines = [f"## {recipe.name}", "", recipe.remarks, ""]
    if recipe.cause:
        lines += [f"Why less than printed: {recipe.cause}", ""]
    lines += [f"    {recipe.command}", ""]
    if recipe.runs:
        rows = " · ".join(f"{count(rows)} {part}" for part, rows in recipe.runs[0].rows.items())
        lines += [f"Rows: {rows}. Data: sha256 {str(recipe.runs[0].data_sha256)[:12]}….", "", _runs(recipe).markdown()]
    else:
        lines += ["Not run yet.", ""]
    if recipe.picture:
        lines += [
            f'<img src="{recipe.picture}" alt="Loss and accuracy of {recipe.name} over its epochs" width="560">',
            "",
        ]
    return "\n".join(lines)


def _runs(recipe: Recipe) -> Sheet:
    """Every run with its figures: the compared one first, then what else the run ended with."""
    others = [
        name for name in dict.fromkeys(name for run in recipe.runs for name in run.metrics) if name != recipe.metric
    ]
    by_epoch = [decimals(value) for value in recipe.runs[0].history.get(recipe.metric, ())]
    first = f"{recipe.metric.replace('_', ' ')}, {recipe.of}"
    return Sheet(
        title="",
        columns=[
            Column("seed"),
            Column(first),
            *map(Column, others),
            Column("best epoch"),
            Column("MLflow run", False),
        ],
        rows=[
            [
                str(run.seed),
                decimals(figure(recipe, run)),
                *(decimals(run.metrics.get(name)) for name in others),
                str(run.best_epoch or MISSING),
                f"`{run.run_id}`",
            ]
            for run in recipe.runs
        ],
        notes=[f"{recipe.metric} by epoch, seed {recipe.runs[0].seed}: {' '.join(by_epoch)}"] if by_epoch else [],
    )
