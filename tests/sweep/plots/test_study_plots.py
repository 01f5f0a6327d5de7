"""The pictures of a study."""

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from bitjaru.sweep.plots import epochs, front, history, importances, parallel, slices, study_plots, timeline
from bitjaru.sweep.plots.branches import branches, shared_first
from bitjaru.sweep.plots.pauses import without_pauses

CELLS = ("lstm", "cnn")
KOREAN = ("꼬꼬마", "코모란")
NAMES = ("architecture", "tokenizer", "optimizer.learning_rate", "architecture.lstm.recurrent_dropout")
SINGLE = (
    "optimization_history",
    "param_importances",
    "parallel_coordinate",
    "slice",
    "intermediate_values",
    "timeline",
)


def trials(count: int) -> list[FrozenTrial]:
    """Makes up trials of which some have a parameter that others lack; every fifth is pruned, every ninth fails."""
    random = np.random.default_rng(1)
    return [trial(number, random) for number in range(count)]


def trial(number: int, random: np.random.Generator) -> FrozenTrial:
    cell = CELLS[number % 2]
    params: dict[str, Any] = {
        "architecture": cell,
        "tokenizer": KOREAN[number % 3 % 2],
        "optimizer.learning_rate": float(10 ** random.uniform(-5, -1)),
    }
    ranges: dict[str, BaseDistribution] = {
        "architecture": CategoricalDistribution(CELLS),
        "tokenizer": CategoricalDistribution(KOREAN),
        "optimizer.learning_rate": FloatDistribution(1e-5, 1e-1, log=True),
    }
    if cell == "lstm":
        params["architecture.lstm.recurrent_dropout"] = float(random.uniform(0, 0.5))
        ranges["architecture.lstm.recurrent_dropout"] = FloatDistribution(0, 0.5)
    state = TrialState.FAIL if number % 9 == 8 else TrialState.PRUNED if number % 5 == 4 else TrialState.COMPLETE
    value = 0.8 + random.normal(0, 0.02)
    made = create_trial(
        state=state,
        value=value if state == TrialState.COMPLETE else None,
        params=params,
        distributions=ranges,
        intermediate_values={epoch: value - 0.1 / epoch for epoch in (1, 2, 3)},
    )
    made.number = number
    made.datetime_start = datetime.datetime.fromisoformat("2026-01-01") + datetime.timedelta(minutes=number)
    made.datetime_complete = made.datetime_start + datetime.timedelta(seconds=50)
    return made


def study(count: int) -> optuna.Study:
    made = optuna.create_study(direction="maximize")
    made.add_trials(trials(count))
    return made


def words(figure: Figure) -> list[str]:
    return [text.get_text().strip() for text in figure.findobj(Text) if isinstance(text, Text)]


def test_every_picture_is_drawn_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    drawn = study_plots.draw(study(30), tmp_path)
    parallels = [f"parallel_coordinate_{cell}" for cell in CELLS]
    names = [*parallels, *(name for name in SINGLE if name != "parallel_coordinate")]
    assert {path.name for path in drawn} == {f"{name}.{ending}" for name in names for ending in ("html", "png")}
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_a_study_of_one_trial_gets_the_pictures_that_one_trial_can_have(tmp_path: Path) -> None:
    drawn = {path.name for path in study_plots.draw(study(1), tmp_path)}
    assert {f"{name}.png" for name in SINGLE if name not in ("param_importances", "slice")} == {
        name for name in drawn if name.endswith("png")
    }


def test_importances_are_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    compute = optuna.importance.get_param_importances

    def counted(study: optuna.Study, **options: Any) -> dict[str, float]:
        computed.append(options.get("evaluator"))
        return compute(study, **options)

    monkeypatch.setattr(optuna.importance, "get_param_importances", counted)
    study_plots.draw(study(30), tmp_path)
    assert sum(isinstance(one, optuna.importance.PedAnovaImportanceEvaluator) for one in computed) == 1


def test_all_pictures_read_the_trials_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, reads = study(30), []
    read = made._storage.get_all_trials

    def counted(study_id: int, deepcopy: bool = True, states: Any = None) -> list[FrozenTrial]:
        reads.append(deepcopy)
        return read(study_id, deepcopy, states)

    monkeypatch.setattr(made._storage, "get_all_trials", counted)
    study_plots.draw(made, tmp_path)
    assert reads == [False]


def test_the_shares_in_both_drawings_are_those_that_optuna_computes(tmp_path: Path) -> None:
    made = study(30)
    shares = optuna.importance.get_param_importances(made)
    assert set(shares) == set(NAMES)
    assert study_plots.Snapshot(made).importances == shares
    study_plots.draw(made, tmp_path)
    assert f"{max(shares.values()):.2f}" in (tmp_path / "param_importances.html").read_text()
    assert f"{max(shares.values()):.2f}" in words(importances.draw(shares, 30))


def test_importances_name_their_method_and_every_parameter_that_has_a_share_to_speak_of() -> None:
    shares = study_plots.Snapshot(study(30)).importances
    drawn = set(words(importances.draw(shares, 23)))
    assert drawn & set(NAMES) == {name for name, share in shares.items() if share >= 0.01}
    assert "PED-ANOVA, 23 trials: a hint, no more" in drawn
    assert "PED-ANOVA, 40 trials" in words(importances.draw(shares, 40))
    small = words(importances.draw({"architecture": 0.995, "seed": 0.005}, 40))
    assert any(word.endswith("; 1 other below 0.01") for word in small)


@pytest.mark.parametrize("count", [1, 30, 300])
def test_names_of_parameters_stand_in_full(count: int) -> None:
    made = trials(count)
    for figure in (parallel.draw(made, 1), *([slices.draw(made)] if count > 1 else [])):
        assert set(NAMES) <= set(words(figure))
        assert set(KOREAN) <= set(words(figure))


def test_a_parameter_that_some_trials_lack_leads_their_lines_past_its_axis() -> None:
    drawn = parallel.draw(trials(30), 1)
    starts = [line[-1][0] for held in drawn.axes[0].collections for line in held.get_segments()]  # type: ignore[attr-defined]
    assert min(starts) == parallel.ABSENT
    assert max(starts) > 0
    assert "unused" in words(drawn)


def test_the_best_trial_lies_on_top() -> None:
    made = trials(30)
    best = max((trial for trial in made if trial.state == TrialState.COMPLETE), key=lambda trial: trial.values[0])
    worst = min((trial for trial in made if trial.state == TrialState.COMPLETE), key=lambda trial: trial.values[0])
    for sign, expected in ((1, best), (-1, worst)):
        last = epochs.draw(made, sign).axes[0].collections[6].get_segments()  # type: ignore[attr-defined]
        assert [value for _, value in last[0]] == pytest.approx(list(expected.intermediate_values.values()))


@pytest.mark.parametrize(("sign", "far"), [(1, 0.1), (-1, 5.0)])
def test_a_trial_that_is_far_out_does_not_squeeze_the_others(sign: int, far: float) -> None:
    made = trials(30)
    whole = epochs.draw(made, sign).axes[0]
    made[0].intermediate_values[1] = far
    cut = epochs.draw(made, sign)
    low, high = cut.axes[0].get_ylim()
    assert not low <= far <= high
    assert high - low <= np.ptp(whole.get_ylim())
    assert any(word.endswith("orange: pruned; 1 leaves the picture") for word in words(cut))


@pytest.mark.parametrize(("sign", "best"), [(1, 5.0), (-1, 0.1)])
def test_the_best_trial_stays_in_the_picture_however_far_it_is(sign: int, best: float) -> None:
    made = trials(30)
    made[0].intermediate_values[1] = best
    low, high = epochs.draw(made, sign).axes[0].get_ylim()
    assert low < best < high


def test_the_best_so_far_never_gets_worse() -> None:
    for sign in (1, -1):
        steps = history.draw(trials(30), sign).axes[0].lines[0].get_ydata()
        assert all(np.diff(np.asarray(steps)) * sign >= 0)


def test_a_search_across_options_has_a_picture_of_each_with_shared_knobs_first() -> None:
    made = trials(40)
    found = branches(made)
    assert set(found) == set(CELLS)
    assert sum(map(len, found.values())) == sum(trial.state == TrialState.COMPLETE for trial in made)
    assert shared_first(found["lstm"], made) == list(NAMES)
    assert shared_first(found["cnn"], made) == list(NAMES[:-1])
    drawn = words(parallel.draw(found["cnn"], 1, order=shared_first(found["cnn"], made), title="cnn"))
    assert "architecture.lstm.recurrent_dropout" not in drawn
    assert "parameters of each trial, cnn" in drawn


def test_a_search_without_options_of_their_own_knobs_has_one_picture() -> None:
    assert branches([made for made in trials(30) if made.params["architecture"] == "cnn"]) == {}


def test_a_knob_that_few_trials_have_gets_no_slice() -> None:
    made = trials(30)
    complete = [trial for trial in made if trial.state == TrialState.COMPLETE]
    few = [trial for trial in complete if trial.params["architecture"] == "cnn"]
    few += [trial for trial in complete if trial.params["architecture"] == "lstm"][:4]
    assert slices.told(few) == list(NAMES[:-1])


def test_a_pause_between_two_starts_does_not_stretch_the_timeline() -> None:
    made = trials(30)
    later = datetime.timedelta(hours=12)
    for trial in made[20:]:
        assert trial.datetime_start is not None
        assert trial.datetime_complete is not None
        trial.datetime_start, trial.datetime_complete = trial.datetime_start + later, trial.datetime_complete + later
    together, pauses = without_pauses(made)
    assert [pause.total_seconds() for pause in pauses] == [later.total_seconds() + 10]
    starts = [trial.datetime_start for trial in together if trial.datetime_start]
    assert starts[-1] - starts[0] == datetime.timedelta(minutes=29) - datetime.timedelta(seconds=10)
    assert [trial.duration for trial in together] == [trial.duration for trial in made]
    assert any("without 1 pause of 12 h 00 min" in word for word in words(timeline.draw(made)))


def test_the_timeline_counts_how_trials_ended() -> None:
    said = words(timeline.draw(trials(1_000)))
    states = [trial.state for trial in trials(1_000)]
    for state in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL):
        assert f"{states.count(state)} {state.name.lower()}" in said


def test_a_search_with_one_value_only_has_pictures_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = optuna.create_study()
    same: dict[str, BaseDistribution] = {"x": IntDistribution(3, 3)}
    made.add_trials([create_trial(value=0.5, params={"x": 3}, distributions=same) for _ in range(5)])
    assert (tmp_path / "slice.png") in study_plots.draw(made, tmp_path)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize("count", [2, 3])
def test_several_objectives_are_drawn_against_each_other(
    count: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = optuna.create_study(directions=["minimize"] * count)
    made.add_trials([create_trial(values=[number, *[9 - number] * (count - 1)]) for number in range(9)])
    names = {"pareto_front.html", "pareto_front.png", "timeline.html", "timeline.png"}
    assert {path.name for path in study_plots.draw(made, tmp_path)} == names
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
    panels = front.draw(made.trials, made.best_trials, ["a", "b", "c"][:count]).axes
    assert len(panels) == count * (count - 1) // 2
