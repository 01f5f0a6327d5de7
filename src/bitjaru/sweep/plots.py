"""The study's pictures: HTML to look around in, PNG for documents (through matplotlib: no browser is needed)."""

import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

log = logging.getLogger(__name__)
_ONE_OBJECTIVE = (
    "optimization_history",
    "param_importances",
    "parallel_coordinate",
    "slice",
    "intermediate_values",
    "timeline",
)
NAMED = 20  # entries that a legend may have
_SEVERAL = ("pareto_front", "timeline")


def draw(study: optuna.Study, folder: Path) -> list[Path]:
    """Draws every picture that the study has trials enough for.

    Returns:
        The files, two a picture: `optimization_history.html`, `optimization_history.png`, ….
    """
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("matplotlib.category").setLevel(logging.WARNING)  # it remarks on choices that are numbers
    names = _ONE_OBJECTIVE if len(study.directions) == 1 else _SEVERAL
    return [path for name in names if _drawable(study, name) for path in _draw(study, name, folder)]


def _drawable(study: optuna.Study, name: str) -> bool:
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if name == "timeline":
        return bool(study.get_trials(deepcopy=False))
    if name == "param_importances":
        return len({tuple(trial.values) for trial in complete}) > 1 and any(trial.params for trial in complete)
    if name == "intermediate_values":
        return any(trial.intermediate_values for trial in complete)
    if name == "pareto_front" and len(study.directions) > 3:
        return False
    return bool(complete) and (name not in {"slice", "parallel_coordinate"} or any(trial.params for trial in complete))


def _draw(study: optuna.Study, name: str, folder: Path) -> list[Path]:
    drawn = []
    for draw_one, path in ((_html, folder / f"{name}.html"), (_png, folder / f"{name}.png")):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                draw_one(study, name, path)
        except (ValueError, RuntimeError, TypeError) as error:
            # A picture must never cost a search its result.
            log.warning("The picture %s could not be drawn: %s", path.name, error)
        else:
            drawn.append(path)
    return drawn


def _html(study: optuna.Study, name: str, path: Path) -> None:
    plot: Callable[[optuna.Study], Any] = getattr(optuna.visualization, f"plot_{name}")
    plot(study).write_html(path, include_plotlyjs="directory")


def _png(study: optuna.Study, name: str, path: Path) -> None:
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    plot: Callable[[optuna.Study], Any] = getattr(optuna.visualization.matplotlib, f"plot_{name}")
    with mpl.rc_context({"backend": "agg"}):
        axes = plot(study)
        figure = getattr(axes, "figure", None) or axes.flat[0].figure
        drop_long_legends(figure)
        figure.set_size_inches(10, 6)
        figure.savefig(path, dpi=120, bbox_inches="tight")
        plt.close(figure)


def drop_long_legends(figure: Any) -> None:
    """Takes legends of more than twenty entries away: a name for each of 1,000 trials hides the picture in 10 s."""
    for axes in figure.axes:
        if (legend := axes.get_legend()) and len(legend.get_texts()) > NAMED:
            legend.remove()
