"""What a person looks at after a run or a grid, written into its `report/` folder."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bitjaru.files import write_text
from bitjaru.outcome import Outcome
from bitjaru.preparation.prepare import Prepared
from bitjaru.reporting import comparison, comparison_sheet, description, description_sheet, layers
from bitjaru.reporting.roc import Roc, roc
from bitjaru.reporting.sheet import Column, Sheet, show
from bitjaru.tasks import Task
from bitjaru.terminal import console

if TYPE_CHECKING:
    import keras

    from bitjaru.architectures.tfidf.model import TfIdf
    from bitjaru.training.evaluation import Evaluation
    from bitjaru.training.fit import Fit

FOLDER = "report"
WEIGHTIEST = 30  # n-grams of each class that are shown
_SHOWN: set[str] = set()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counted:
    """What pictures show of the data: they are drawn when its texts and tokens are gone.

    Attributes:
        classes: Their names; empty where reviews have none.
        reviews: Of each class, (C), in each part.
        lengths: Tokens of each training review, (N,).
    """

    classes: Sequence[str]
    reviews: Mapping[str, tuple[int, ...]]
    lengths: NDArray[np.int64]


def show_data(data: Prepared, *, max_len: int, folder: Path) -> Counted:
    """Prints what preparation made of the data, and writes it as tables; returns what is to be drawn."""
    described = description.describe(
        data.loaded,
        kept=data.corpus.splits,
        tokens=data.tokens,
        vocabulary=data.vocabulary,
        max_len=max_len,
    )
    table = description_sheet.sheet(described)
    if table.markdown() not in _SHOWN:  # the runs of a grid mostly share their data
        _SHOWN.add(table.markdown())
        show(table, console())
    report = folder / FOLDER
    write_text(report / "data.md", table.markdown())
    write_text(report / "data.csv", description_sheet.csv(described))
    classes = data.corpus.classes
    labels = {part: reviews.labels for part, reviews in data.corpus.splits.items()} if classes else {}
    counts = {part: tuple(np.bincount(each, minlength=len(classes)).tolist()) for part, each in labels.items()}
    return Counted(classes, counts, data.tokens.train.lengths)


def draw_data(counted: Counted, *, max_len: int, folder: Path) -> None:
    """Draws how many reviews each class has, and how long the reviews are."""
    from bitjaru.reporting import plots

    report = folder / FOLDER
    if counted.classes:
        plots.save(plots.classes(counted.reviews, counted.classes), report / "classes.png")
    plots.save(plots.lengths(counted.lengths, max_len=max_len), report / "lengths.png")


def write_layers(model: "keras.Model", folder: Path) -> None:
    """Writes the model's layer table."""
    write_text(folder / FOLDER / "layers.md", layers.sheet(model).markdown())


def write_ngrams(fitted: "TfIdf", classes: Sequence[str], folder: Path) -> None:
    """Writes which n-grams speak most for each class, as a table."""
    columns = [Column(name, figures=False) for name in classes]
    rows = [[repr(ngram) for ngram in pair] for pair in zip(*fitted.weightiest(WEIGHTIEST), strict=True)]
    table = Sheet(title="n-grams", columns=columns, rows=rows)
    write_text(folder / FOLDER / "ngrams.md", table.markdown())


def draw_curves(fit: "Fit", folder: Path) -> None:
    """Draws loss and metrics over the epochs, training against validation."""
    from bitjaru.reporting import plots

    plots.save(plots.curves(fit.history, best_epoch=fit.best_epoch), folder / FOLDER / "curves.png")


def draw_evaluation(evaluations: Mapping[str, "Evaluation"], classes: Sequence[str], folder: Path) -> None:
    """Draws the confusion matrix of each evaluated part, and the ROC, of many classes each against the rest."""
    from bitjaru.reporting import plots

    for part, evaluation in evaluations.items():
        if evaluation.confusion is None:
            continue
        plots.save(plots.confusion(evaluation.confusion, classes, part=part), folder / FOLDER / f"{part}_confusion.png")
        if curves := _curves(evaluation, classes):
            plots.save(plots.roc(curves, part=part), folder / FOLDER / f"{part}_roc.png")


def _curves(evaluation: "Evaluation", classes: Sequence[str]) -> dict[str, Roc]:
    kept = evaluation.kept
    scores = {1: kept[:, 0]} if kept.shape[1] == 1 else {place: kept[:, place] for place in range(len(classes))}
    found = {classes[place]: roc((evaluation.targets == place).astype(np.int32), its) for place, its in scores.items()}
    return {name: curve for name, curve in found.items() if curve is not None}


def write_samples(samples: Sequence[Mapping[str, str]], folder: Path) -> None:
    """Writes a trained model's answers to a few texts, as a table."""
    if not samples:
        return
    columns = [Column(heading, figures=False, breaks=True) for heading in samples[0]]
    table = Sheet(title="samples", columns=columns, rows=[list(row.values()) for row in samples])
    write_text(folder / FOLDER / "samples.md", table.markdown())


def show_comparison(outcomes: Sequence[Outcome], tasks: Mapping[str, Task], folder: Path) -> list[comparison.Group]:
    """Prints the comparison, writes it as CSV, Markdown, and pictures of curves and costs, and returns it."""
    from bitjaru.reporting import plots

    groups = comparison.compare(outcomes, tasks)
    comparison_sheet.show_comparison(groups, console())
    report = folder / FOLDER
    write_text(report / "comparison.md", comparison_sheet.markdown(groups))
    write_text(report / "comparison.csv", comparison_sheet.csv(groups))
    for group in groups:
        runs = [row.outcome for row in group.rows if row.outcome.history]
        if not runs:
            continue
        ending = f"_{group.dataset}.png" if len(groups) > 1 else ".png"
        curves = plots.validation_curves(runs, metric=group.objective, direction=group.direction)
        plots.save(curves, report / f"validation_curves{ending}")
        cost = plots.against_seconds(runs, objective=group.objective, direction=group.direction)
        plots.save(cost, report / f"against_seconds{ending}")
    log.info("Comparison: %s", report)
    return groups
