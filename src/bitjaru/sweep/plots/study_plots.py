"""The study's pictures: Optuna's own HTML to look around in, and PNG for documents."""

import logging
import re
import warnings
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from bitjaru.sweep.plots.branches import branches, shared_first
from bitjaru.sweep.plots.pauses import without_pauses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARALLEL = "parallel_coordinate"
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

    def __init__(self, study: optuna.Study, trials: list[FrozenTrial] | None = None) -> None:
        super().__init__(study.study_name, study._storage)
        self._read = study.get_trials(deepcopy=False) if trials is None else trials

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
    found = branches(seen.get_trials()) if PARALLEL in names else {}
    others = [name for name in names if not (found and name == PARALLEL)]
    drawn = [path for name in others if _drawable(seen, name) for path in _draw(seen, name, folder)]
    return [*drawn, *(path for option in found for path in _branch(seen, option, found[option], folder))]


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
    if name == "slice":
        return bool(_sliced(study))
    return bool(complete) and (name != PARALLEL or any(trial.params for trial in complete))


def _branch(study: Snapshot, option: str, trials: Sequence[FrozenTrial], folder: Path) -> list[Path]:
    """Draws the trials of one option of a search across several."""
    from bitjaru.drawing.figure import save
    from bitjaru.sweep.plots import parallel

    order = shared_first(trials, study.get_trials())
    name = f"{PARALLEL}_{re.sub(r'[^0-9A-Za-z_-]+', '_', option)}"
    title = f"{option} (best {max(study.sign * trial.values[0] for trial in trials) * study.sign:.4f})"
    own = Snapshot(study, list(trials))
    plot: Callable[..., Any] = optuna.visualization.plot_parallel_coordinate
    return _saved(
        {
            folder / f"{name}.html": lambda path: plot(own, params=order).write_html(
                path, include_plotlyjs="directory"
            ),
            folder / f"{name}.png": lambda path: save(
                parallel.draw(trials, study.sign, order=order, title=title), path
            ),
        }
    )


def _draw(study: Snapshot, name: str, folder: Path) -> list[Path]:
    return _saved(
        {
            folder / f"{name}.html": lambda path: _html(study, name, path),
            folder / f"{name}.png": lambda path: _png(study, name, path),
        }
    )


def _saved(pictures: Mapping[Path, Callable[[Path], None]]) -> list[Path]:
    drawn = []
    for path, draw_one in pictures.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                draw_one(path)
        except (ValueError, RuntimeError, TypeError) as error:
            # A picture must never cost a search its result.
            log.warning("The picture %s could not be drawn: %s", path.name, error)
        else:
            drawn.append(path)
    return drawn


def _html(study: Snapshot, name: str, path: Path) -> None:
    plot: Callable[..., Any] = getattr(optuna.visualization, f"plot_{name}")
    known: dict[str, Any] = {"evaluator": _Known(study.importances)} if name == "param_importances" else {}
    if name == "slice":
        known = {"params": _sliced(study)}
    seen = Snapshot(study, without_pauses(study.get_trials())[0]) if name == "timeline" else study
    plot(seen, **known).write_html(path, include_plotlyjs="directory")


def _png(study: Snapshot, name: str, path: Path) -> None:
    from bitjaru.drawing.figure import save

    save(_figure(study, name), path)


def _sliced(study: Snapshot) -> list[str]:
    from bitjaru.sweep.plots import slices

    return slices.told(study.get_trials())


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
