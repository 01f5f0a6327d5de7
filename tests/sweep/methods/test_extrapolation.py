from collections.abc import Sequence

import optuna
import pytest
from optuna.pruners import BasePruner, MedianPruner
from optuna.trial import TrialState

from bitjaru.errors import ConfigError
from bitjaru.sweep.methods import building
from bitjaru.sweep.methods.extrapolation import ExtrapolationPruner, within_reach
from bitjaru.sweep.methods.pruners import Alike
from bitjaru.tasks import Direction

# Validation accuracies of NSMC, 2,500 reviews to learn from: an average of embeddings at three learning rates.
LARGE = (0.7459, 0.7576, 0.7586, 0.7525, 0.7499, 0.7395, 0.7423, 0.7344)
TOO_LARGE = (0.7557, 0.7541, 0.7496, 0.7393, 0.7417, 0.7354, 0.7263, 0.7267)
SMALL = (0.5937, 0.7122, 0.7461, 0.7574, 0.7656, 0.7729, 0.7743, 0.7740)


def epochs(curves: Sequence[Sequence[float]], pruner: BasePruner, direction: Direction = "maximize") -> list[int]:
    """Runs one trial after another; returns how many epochs each was allowed."""
    study = optuna.create_study(direction=direction, pruner=pruner)
    for curve in curves:
        trial = study.ask()
        for epoch, value in enumerate(curve, start=1):
            trial.report(value, epoch)
            if epoch < len(curve) and trial.should_prune():
                study.tell(trial, state=TrialState.PRUNED)
                break
        else:
            study.tell(trial, max(curve) if direction == "maximize" else min(curve))
    return [len(trial.intermediate_values) for trial in study.trials]


def test_a_small_learning_rate_that_ends_highest_is_ended_by_the_median_at_its_first_epoch() -> None:
    """The trap itself: without it the next test would prove nothing."""
    assert epochs([LARGE, TOO_LARGE, SMALL], MedianPruner(n_startup_trials=2, n_warmup_steps=1)) == [8, 8, 1]


def test_a_small_learning_rate_that_ends_highest_is_left_alone() -> None:
    assert epochs([LARGE, TOO_LARGE, SMALL], ExtrapolationPruner(n_startup_trials=2)) == [8, 8, 8]


def test_a_trial_that_is_past_its_best_ends_as_soon_as_that_is_seen() -> None:
    assert epochs([LARGE, TOO_LARGE], ExtrapolationPruner()) == [8, 2]
    assert epochs([SMALL, LARGE], ExtrapolationPruner()) == [8, 3]


def test_less_is_better_where_the_search_minimizes() -> None:
    losses = [[1 - value for value in curve] for curve in (LARGE, TOO_LARGE, SMALL)]
    assert epochs(losses, ExtrapolationPruner(n_startup_trials=2), "minimize") == [8, 8, 8]
    assert epochs(losses[2:] + losses[:1], ExtrapolationPruner(), "minimize") == [8, 3]


def test_nothing_is_pruned_before_there_is_a_finished_trial_to_compare_with() -> None:
    assert epochs([TOO_LARGE], ExtrapolationPruner()) == [8]
    assert epochs([LARGE, TOO_LARGE, TOO_LARGE], ExtrapolationPruner(n_startup_trials=2)) == [8, 8, 2]


def test_the_median_of_those_that_finished_is_enough() -> None:
    finished = [(0.9,) * 4, (0.7,) * 4, (0.8,) * 4]
    pruner = ExtrapolationPruner(n_startup_trials=3)
    assert epochs([*finished, (0.79,) * 4, (0.81,) * 4], pruner)[3:] == [2, 4]


def test_what_is_within_reach_is_a_straight_line_from_the_last_gain() -> None:
    assert within_reach([0.5, 0.6], epochs=5) == pytest.approx(0.9)
    assert within_reach([0.5, 0.7, 0.6], epochs=5) == pytest.approx(0.7)
    assert within_reach([0.5, 0.6], epochs=2) == pytest.approx(0.6)


def test_a_value_that_is_no_number_is_no_epoch() -> None:
    assert epochs([LARGE, (float("nan"), *TOO_LARGE)], ExtrapolationPruner()) == [8, 3]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"n_warmup_steps": 1}, "n_warmup_steps at least 2. Received: 1 and 1"),
        ({"n_startup_trials": 0}, "n_startup_trials must be at least 1"),
    ],
)
def test_settings_out_of_range_are_told(settings: dict[str, int], complaint: str) -> None:
    node = {"_target_": "bitjaru.sweep.methods.extrapolation.ExtrapolationPruner"} | settings
    with pytest.raises(ConfigError, match=complaint):
        building.pruner(node, objectives=1, within=())


def test_within_one_kind_it_lets_the_best_of_a_weaker_architecture_finish() -> None:
    study = optuna.create_study(direction="maximize", pruner=Alike(ExtrapolationPruner(), ("architecture",)))
    ended = []
    for architecture, value in (("strong", 0.9), ("weak", 0.7), ("weak", 0.72), ("weak", 0.65)):
        study.enqueue_trial({"architecture": architecture})
        trial = study.ask()
        trial.suggest_categorical("architecture", ["strong", "weak"])
        for epoch in (1, 2):
            trial.report(value, epoch)
        ended.append(trial.should_prune())
        study.tell(trial, None if ended[-1] else value, state=TrialState.PRUNED if ended[-1] else TrialState.COMPLETE)
    assert ended == [False, False, False, True]
