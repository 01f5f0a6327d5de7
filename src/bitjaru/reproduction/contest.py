"""Which architecture is better on a data set: the second half of docs/results.md."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean, median

from bitjaru.outcome import Outcome
from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.statistics import between_seeds, over_seeds, wilson
from bitjaru.reporting.wording import MISSING, count, duration

QUESTION = """\
The same data, the same budget of epochs, tuned equally: each tried the same learning rates with the first seed, and the
rate with the best validation figure was run with all seeds. "Behind" is the mean test accuracy of the best network less
that of this one, with Welch's 95 % interval over seeds; where it contains 0 the gap is no more than the noise of seeds.
A linear model does not depend on a seed: beside it stands Wilson's interval for the rows of the test part.
"""
OTHER_ROWS = """\
The test rows differ: a review without any token, which depends on the tokenizer, is left out. Only models that were
tested on the same rows are set against each other, and the best is sought among the most of them."""


@dataclass(frozen=True, kw_only=True)
class Competitor:
    """One of those that the question is about: its runs with the settings that validation chose, one a seed."""

    name: str
    chosen: str
    runs: Sequence[Outcome]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The competitors on one data set.

    Attributes:
        competitors: In any order.
        picture: Of their accuracy against their training time, seen from the page; None if there is none.
    """

    competitors: Sequence[Competitor]
    picture: str | None


def contest_section(dataset: str, contest: Contest) -> str:
    """Returns the competitors on one data set as Markdown, best first."""
    known = [each for each in contest.competitors if _tests(each)]
    if not known:
        return f"### {dataset}\n\nNot run yet.\n"
    networks = [each for each in known if each.runs[0].history]
    usual = Counter(map(_rows, networks)).most_common(1)[0][0] if networks else 0
    best = max((each for each in networks if _rows(each) == usual), key=lambda each: fmean(_tests(each)), default=None)
    ranked = sorted(known, key=lambda each: -fmean(_tests(each)))
    columns = (
        "",
        "chosen",
        "test accuracy",
        "behind",
        "more than noise",
        "weights",
        "per epoch",
        "test rows",
        "seeds",
        "MLflow runs",
    )
    table = Sheet(
        title=dataset,
        columns=[
            Column(name, figures=name not in {"", "chosen", "more than noise", "MLflow runs"}) for name in columns
        ],
        rows=[_standing(each, best) for each in ranked],
        notes=[OTHER_ROWS] if len(set(map(_rows, known))) > 1 else [],
    ).markdown()
    if contest.picture is None:
        return table
    return (
        f'{table}\n<img src="{contest.picture}" alt="Accuracy on {dataset} against seconds of training" width="640">\n'
    )


def _standing(each: Competitor, best: Competitor | None) -> list[str]:
    first, tests, rows = each.runs[0], _tests(each), _rows(each)
    ours = over_seeds(tests) if first.history else wilson(tests[0], rows)
    unlike = best is None or each is best or _rows(best) != rows
    gap = None if best is None or unlike else between_seeds(_tests(best), tests)
    return [
        f"**{each.name}**" if each is best else each.name,
        each.chosen,
        str(ours),
        MISSING if gap is None else str(gap),
        MISSING if gap is None or not isfinite(gap.low) else "no" if 0 in gap else "yes",
        count(first.weights),
        duration(epoch_seconds(each.runs)),
        count(rows),
        str(len(each.runs)) if first.history else MISSING,
        " ".join(f"`{str(run.run_id)[:8]}`" for run in each.runs),
    ]


def _rows(each: Competitor) -> int:
    return each.runs[0].rows.get("test", 0)


def _tests(each: Competitor) -> list[float]:
    return [run.metrics["test_accuracy"] for run in each.runs if "test_accuracy" in run.metrics]


def epoch_seconds(runs: Sequence[Outcome]) -> float | None:
    """Returns the median over runs; None where no run has a figure."""
    known = [run.epoch_seconds for run in runs if run.epoch_seconds is not None]
    return median(known) if known else None
