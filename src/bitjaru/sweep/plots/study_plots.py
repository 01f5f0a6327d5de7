"""The study's pictures: Optuna's own HTML to look around in, and PNG for documents."""

import logging
import warnings
from collections.abc import Callable, Container
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import FrozenTrial, TrialState

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)
_ONE_OBJECTIVE = (
    "optimization_history",
    "param_importances",
    "parallel_coordinate",
    "slice",
    "intermediate_values",
    "timeline",
)
_SEVERAL = ("pareto_front", "timeline")


class Snapshot(optuna.Study):
    """A study whose trials have been read once.

    Optuna's drawings ask for all trials again and again, and get a deep copy of each every time.
    """

    def __init__(self, study: optuna.Study) -> None:
        super().__init__(study.study_name, study._storage)
        self._read = study.get_trials(deepcopy=False)

    def get_trials(
        self, deepcopy: bool = True, states: Container[TrialState] | None = None  # noqa: ARG002
    ) -> list[FrozenTrial]:  # fmt: skip
        """Returns the trials themselves: whoever draws them changes nothing."""
        return [trial for trial in self._read if states is None or trial.state in states]

    @cached_property
    def importances(self) -> dict[str, float]:
        """The share of each parameter by PED-ANOVA, which knows those that only some trials have; fANOVA drops them."""
        return optuna.importance.get_param_importances(self, evaluator=optuna.importance.PedAnovaImportanceEvaluator())

    @property
    def sign(self) -> int:
        """1 where more of the only objective is better, -1 where less is."""
        return 1 if self.direction == optuna.study.StudyDirection.MAXIMIZE else -1


def draw(study: optuna.Study, folder: Path) -> list[Path]:
    """Draws every picture that the study has trials enough for.

    Returns:
        The files, two a picture: `optimization_history.html`, `optimization_history.png`, ….
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = _ONE_OBJECTIVE if len(study.directions) == 1 else _SEVERAL
    seen = Snapshot(study)
    return [path for name in names if _drawable(seen, name) for path in _draw(seen, name, folder)]


def _drawable(study: Snapshot, name: str) -> bool:
    complete = study.get_trials(states=(TrialState.COMPLETE,))
    if name == "timeline":
        return any(trial.datetime_start for trial in study.get_trials())
    if name == "param_importances":
        return len({tuple(trial.values) for trial in complete}) > 1 and any(trial.params for trial in complete)
    if name == "intermediate_values":
        return any(trial.intermediate_values for trial in complete)
    if name == "pareto_front" and len(study.directions) > 3:
        return False
    return bool(complete) and (name not in {"slice", "parallel_coordinate"} or any(trial.params for trial in complete))


def _draw(study: Snapshot, name: str, folder: Path) -> list[Path]:
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


def _html(study: Snapshot, name: str, path: Path) -> None:
    plot: Callable[..., Any] = getattr(optuna.visualization, f"plot_{name}")
    known = {"evaluator": _Known(study.importances)} if name == "param_importances" else {}
    plot(study, **known).write_html(path, include_plotlyjs="directory")


def _png(study: Snapshot, name: str, path: Path) -> None:
    from bitjaru.drawing.figure import save

    save(_figure(study, name), path)


def _figure(study: Snapshot, name: str) -> "Figure":
    from bitjaru.sweep.plots import epochs, front, history, importances, parallel, slices, timeline

    if name == "param_importances":
        return importances.draw(study.importances, len(study.get_trials(states=(TrialState.COMPLETE,))))
    trials = study.get_trials()
    if name == "pareto_front":
        names = study.metric_names or [f"objective {number}" for number in range(len(study.directions))]
        return front.draw(trials, study.best_trials, names)
    if name in (of_trials := {"slice": slices.draw, "timeline": timeline.draw}):
        return of_trials[name](trials)
    directed = {
        "optimization_history": history.draw,
        "parallel_coordinate": parallel.draw,
        "intermediate_values": epochs.draw,
    }
    return directed[name](trials, study.sign)


class _Known(optuna.importance.BaseImportanceEvaluator):
    """Gives Optuna's drawing the importances that have been computed."""

    def __init__(self, importances: dict[str, float]) -> None:
        self._importances = importances

    def evaluate(self, study: optuna.Study, params: Any = None, *, target: Any = None) -> dict[str, float]:  # noqa: ARG002
        return self._importances
