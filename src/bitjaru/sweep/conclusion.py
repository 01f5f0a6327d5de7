"""The end of a search: its files, its pictures, and what it says to the person who waited."""

import logging
from collections.abc import Sequence
from pathlib import Path

import optuna

from bitjaru.sweep.study import results
from bitjaru.sweep.study.again import Again

PLOTS = "plots"
log = logging.getLogger(__name__)


def conclude(study: optuna.Study, folder: Path, *, within: Sequence[str], plots: bool, again: Again) -> None:
    """Writes the best parameters, draws the study, and says what was found.

    Args:
        study: Whose trials have ended.
        folder: The sweep's own.
        within: The groups within which trials are compared.
        plots: Whether to draw.
        again: How a trial's parameters are run once.
    """
    results.write(study, folder, again)
    if plots:
        log.info("Drawing the study into %s (`hydra.sweeper.plots=false` leaves it out).", folder / PLOTS)
        from bitjaru.sweep.plots import study_plots as pictures  # brings scikit-learn, which takes a second to import

        pictures.draw(study, folder / PLOTS)
    _say_what_it_cost(study, within)
    for trial in results.best(study):
        values = ", ".join(f"{value:.6g}" for value in trial.values)
        log.info("Best: trial %d with %s\n  %s", trial.number, values, results.command(trial, again))
    log.info("Study %s, files in %s", study.study_name, folder)


def _say_what_it_cost(study: optuna.Study, within: Sequence[str]) -> None:
    saved, failed = results.saved_by_pruning(study, within), results.failures(study)
    if saved.trials:
        log.info(
            "Pruning ended %d trials early: about %d epochs and %.0f minutes saved.",
            saved.trials,
            saved.epochs,
            saved.seconds / 60,
        )
    if failed:
        log.warning("Failed: %s.", ", ".join(f"{count} {reason}" for reason, count in failed.items()))
