"""TPE that sees the best trials and the newest ones."""

import math
import random
from pathlib import Path
from typing import Any, Literal

import optuna
import pytest
from optuna.samplers import TPESampler
from optuna.samplers._tpe.sampler import _split_trials
from optuna.trial import FrozenTrial, TrialState, create_trial
from sweep.searching import knob

from bitjaru.errors import ConfigError
from bitjaru.sweep.methods import building
from bitjaru.sweep.methods.long_studies import BEST, LatestTrials, tpe
from bitjaru.sweep.space.space import Space

# Chosen knowingly: multivariate and grouped TPE.
pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")

SPACE = Space((knob("x=interval(-5,5)"), knob("how=choice(a,b)")))
Direction = Literal["minimize", "maximize"]
OPTIONS: dict[str, Any] = {"seed": 3, "multivariate": True, "group": True}
X, HOW = SPACE.knobs[0].distribution, SPACE.knobs[1].distribution


def ended(place: int, draw: random.Random) -> FrozenTrial:
    """Makes a trial that was complete, pruned or failed, or that runs."""
    values: dict[str, Any] = {"params": {"x": draw.uniform(-5, 5), "how": draw.choice("ab")}}
    values["distributions"] = {"x": X, "how": HOW}
    if place % 7 == 3:
        steps = {step: draw.choice([draw.random(), math.nan]) for step in range(draw.randrange(4))}
        return create_trial(state=TrialState.PRUNED, intermediate_values=steps, **values)
    if place % 11 == 5:
        return create_trial(state=draw.choice([TrialState.FAIL, TrialState.RUNNING]), **values)
    return create_trial(value=round(draw.random(), 2), **values)


def study_of(trials: int, direction: Direction = "minimize") -> optuna.Study:
    draw = random.Random(5)
    study = optuna.create_study(direction=direction)
    study.add_trials([ended(place, draw) for place in range(trials)])
    return study


def drawn(study: optuna.Study, sampler: optuna.samplers.BaseSampler, trials: int) -> list[dict[str, Any]]:
    study.sampler = sampler
    for _ in range(trials):
        trial = study.ask()
        SPACE.suggest(trial)
        study.tell(trial, trial.params["x"] ** 2)
    return [trial.params for trial in study.trials[-trials:]]


def numbers(trials: list[FrozenTrial]) -> list[int]:
    return [trial.number for trial in trials]


def test_up_to_its_number_of_trials_it_draws_what_optuna_draws() -> None:
    ours = drawn(study_of(60), tpe(latest_trials=250, **OPTIONS), 30)
    assert ours == drawn(study_of(60), TPESampler(**OPTIONS), 30)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("complete", [True, False])
def test_the_good_trials_are_those_of_optuna(direction: Direction, complete: bool) -> None:
    study = study_of(700, direction)
    if not complete:  # then pruned ones are counted as good, too
        kept = [trial for trial in study.trials if trial.state != TrialState.COMPLETE or trial.number % 50 == 0]
        study = optuna.create_study(direction=direction)
        study.add_trials(kept * 4)
    finished = (TrialState.COMPLETE, TrialState.PRUNED)
    sampler = LatestTrials(TPESampler(**OPTIONS), 250)
    for _ in range(2):
        seen = sampler._seen(study).get_trials(deepcopy=False, states=finished)
        assert len(seen) < 250 + BEST
        good, _ = _split_trials(study, seen, BEST)
        wanted, _ = _split_trials(study, study.get_trials(deepcopy=False, states=finished), BEST)
        assert numbers(good) == numbers(wanted)
        study.add_trials([ended(place, random.Random(place)) for place in range(90)])


def test_the_newest_trials_and_all_that_run_are_seen_in_order_of_number() -> None:
    study = study_of(600)
    running = numbers(list(study.get_trials(states=(TrialState.RUNNING,))))
    seen = numbers(LatestTrials(TPESampler(**OPTIONS), 250)._seen(study).get_trials(deepcopy=False))
    assert seen == sorted(seen)
    assert set(seen) >= {*range(350, 600), *running}
    assert len(seen) <= 250 + BEST + len(running)


def test_a_trial_that_ends_late_is_counted_then() -> None:
    study = optuna.create_study()
    early = study.ask({"x": X})
    study.add_trials([create_trial(value=1.0, params={"x": 1.0}, distributions={"x": X}) for _ in range(400)])
    sampler = LatestTrials(TPESampler(**OPTIONS), 250)
    assert sampler._seen(study).get_trials(deepcopy=False)[0].state == TrialState.RUNNING
    study.tell(early, 0.5)
    found = sampler._seen(study).get_trials(deepcopy=False)
    assert (found[0].number, found[0].value) == (0, 0.5)
    assert len(found) == 250 + BEST


def test_an_option_that_was_tried_only_long_ago_can_be_drawn_again() -> None:
    study = optuna.create_study()
    old = {"x": X, "depth": optuna.distributions.IntDistribution(1, 3)}
    study.add_trials([create_trial(value=9.0, params={"x": 1.0, "depth": 2}, distributions=old) for _ in range(20)])
    study.add_trials([create_trial(value=1.0, params={"x": 2.0}, distributions={"x": X}) for _ in range(400)])
    study.sampler = tpe(latest_trials=250, **OPTIONS)
    trial = study.ask()
    assert 1 <= trial.suggest_int("depth", 1, 3) <= 3
    assert "depth" in trial.relative_params


def test_it_finds_the_minimum_as_well_as_optuna_does(tmp_path: Path) -> None:
    def best(sampler: optuna.samplers.BaseSampler) -> float:
        study = optuna.create_study(storage=optuna.storages.InMemoryStorage(), study_name=str(tmp_path))
        drawn(study, sampler, 320)
        return study.best_value

    assert best(tpe(latest_trials=250, **OPTIONS)) < 1e-3
    assert best(TPESampler(**OPTIONS)) < 1e-3


def test_several_objectives_are_left_to_optuna() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.add_trials([create_trial(values=[1.0, 2.0], params={"x": 1.0}, distributions={"x": X}) for _ in range(300)])
    assert LatestTrials(TPESampler(**OPTIONS), 250)._seen(study) is study


def test_null_is_optunas_own_and_too_few_are_refused() -> None:
    assert isinstance(tpe(latest_trials=None, **OPTIONS), TPESampler)
    for wrong in (20, 300.5, "abc"):
        settings = {"_target_": f"{tpe.__module__}.tpe", "latest_trials": wrong, **OPTIONS}
        with pytest.raises(ConfigError, match=rf"at least 250, or null for all\. Received: {wrong}\.") as caught:
            building.sampler(settings, SPACE, trials=0)
        causes: list[BaseException] = [caught.value]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
            assert not any(cause is one for one in causes), "whoever looks for the first cause would never end"
            causes.append(cause)
