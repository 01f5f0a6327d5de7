import importlib.util
from pathlib import Path
from typing import Any

import optuna
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from optuna.trial import TrialState
from sweep import runners
from sweep.searching import knob, search

from bitjaru.configuration import register_resolvers
from bitjaru.errors import ConfigError
from bitjaru.sweep.execution.jobs import Job, Reporter, Result
from bitjaru.sweep.methods import building
from bitjaru.sweep.methods.pruners import Alike
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.study import results

CONF = Path(__file__).resolve().parents[3] / "conf"
SPACE = Space((knob("architecture=choice(fast,slow)"), knob("luck=interval(0,0.01)")))
PRUNERS = [path.stem for path in sorted((CONF / "hydra/sweeper/pruner").glob("*.yaml"))]
SAMPLERS = [path.stem for path in sorted((CONF / "hydra/sweeper/sampler").glob("*.yaml"))]


def learn(job: Job, reporter: Reporter) -> Result:
    """The fast one starts at 0.80 and stays there; the slow one starts at 0.50 and ends at 0.90."""
    chosen = runners.values(job)
    for epoch in range(1, 9):
        start = 0.8 if chosen["architecture"] == "fast" else 0.45 + 0.05 * epoch
        value = min(start, 0.9) + float(chosen["luck"])
        if reporter.report(epoch, value):
            return Result((value,), pruned=True)
    return Result((0.8 if chosen["architecture"] == "fast" else 0.9,))


def survivors(pruner: optuna.pruners.BasePruner, folder: Path) -> dict[str, int]:
    sampler = optuna.samplers.RandomSampler(seed=4)
    study = search(
        folder, n_trials=40, space=SPACE, runner=learn, directions=("maximize",), sampler=sampler, pruner=pruner
    )
    complete = study.get_trials(states=(TrialState.COMPLETE,))
    return {kind: sum(trial.params["architecture"] == kind for trial in complete) for kind in ("fast", "slow")}


MEDIAN = optuna.pruners.MedianPruner(n_startup_trials=4)


def test_a_slow_starter_is_wiped_out_by_fast_ones_without_the_guard(tmp_path: Path) -> None:
    """The trap itself: without it the next test would prove nothing."""
    assert survivors(MEDIAN, tmp_path)["slow"] < 4


def test_a_slow_starter_is_compared_with_its_like_and_lives(tmp_path: Path) -> None:
    alive = survivors(Alike(MEDIAN, ("architecture",)), tmp_path)
    assert alive["slow"] >= 8
    assert alive["fast"] + alive["slow"] < 40


@pytest.mark.parametrize(
    "pruner", [optuna.pruners.HyperbandPruner(max_resource=8), optuna.pruners.SuccessiveHalvingPruner()]
)
def test_halving_pruners_compare_within_an_architecture_too(tmp_path: Path, pruner: optuna.pruners.BasePruner) -> None:
    assert survivors(Alike(pruner, ("architecture",)), tmp_path)["slow"] >= 2


def test_what_pruning_saved_is_estimated_from_complete_trials_of_the_same_kind(tmp_path: Path) -> None:
    storage = optuna.storages.InMemoryStorage()
    pruner = Alike(MEDIAN, ("architecture",))
    study = search(
        tmp_path, n_trials=20, space=SPACE, runner=learn, directions=("maximize",), pruner=pruner, storage=storage
    )
    pruned = study.get_trials(states=(TrialState.PRUNED,))
    saved = results.saved_by_pruning(study, ("architecture",))
    assert saved.trials == len(pruned) > 0
    assert saved.epochs == sum(8 - len(trial.intermediate_values) for trial in pruned)


def option(kind: str, name: str) -> dict[str, Any]:
    with initialize_config_dir(str(CONF / "hydra" / "sweeper"), version_base="1.3"):
        node = OmegaConf.to_container(compose(overrides=[f"+{kind}={name}", "+seed=3"])[kind], resolve=True)
    assert isinstance(node, dict)
    return {str(key): value for key, value in node.items()}


@pytest.mark.parametrize("sweep", sorted(path.stem for path in (CONF.parent / "sweeps").glob("*.yaml")))
@pytest.mark.parametrize("kind", ["pruner", "sampler"])
def test_a_ready_made_search_lets_another_method_take_the_place_of_its_own(sweep: str, kind: str) -> None:
    register_resolvers()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        for name in PRUNERS if kind == "pruner" else SAMPLERS:
            asked = [f"sweeps={sweep}", f"hydra/sweeper/{kind}={name}"]
            taken = compose("config", overrides=asked, return_hydra_config=True).hydra.sweeper[kind]
            assert set(taken) == set(OmegaConf.load(CONF / "hydra" / "sweeper" / kind / f"{name}.yaml")), name


@pytest.mark.parametrize("name", PRUNERS)
def test_every_pruner_option_works(name: str, tmp_path: Path) -> None:
    node = option("pruner", name) | ({"lower": 0.5} if name == "threshold" else {})
    pruner = building.pruner(node, objectives=1, within=("architecture",))
    study = search(tmp_path, n_trials=12, space=SPACE, runner=learn, directions=("maximize",), pruner=pruner)
    assert len(study.trials) == 12
    assert isinstance(pruner, Alike) != (name == "none")


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_option_works_or_says_what_it_needs(name: str, tmp_path: Path) -> None:
    exhaustive = name in {"grid", "exhaustive"}
    space = Space((knob("a=range(0,4)"), knob("b=choice(u,v)" if exhaustive else "b=interval(0,1)")))
    package = {"gp": "torch", "cmaes": "cmaes"}.get(name)
    if package is not None and importlib.util.find_spec(package) is None:
        with pytest.raises(ConfigError, match=rf"pip install 'bitjaru\[{name}\]'"):
            building.sampler(option("sampler", name), space, trials=0)
        return
    sampler = building.sampler(option("sampler", name), space, trials=0)

    def value(job: Job, reporter: Reporter) -> Result:
        return Result((float(runners.values(job)["a"]),))

    study = search(tmp_path, n_trials=8, space=space, runner=value, sampler=sampler)
    assert len(study.trials) == 8


def test_a_resumed_random_search_does_not_repeat_itself() -> None:
    node = {"_target_": "optuna.samplers.RandomSampler", "seed": 1}
    storage, seen = optuna.storages.InMemoryStorage(), set()
    for begun in (0, 5, 10):
        sampler = building.sampler(node, SPACE, trials=begun)
        study = optuna.create_study(study_name="s", storage=storage, sampler=sampler, load_if_exists=True)
        seen |= {study.ask().suggest_float("x", 0, 1) for _ in range(5)}
    assert len(seen) == 15


def test_pruning_by_several_objectives_is_refused() -> None:
    with pytest.raises(ConfigError, match="one objective"):
        building.pruner(option("pruner", "median"), objectives=2, within=())


def test_the_official_plugins_grid_sampler_is_understood() -> None:
    space = Space((knob("a=range(0,2)"),))
    node = {"_target_": "optuna.samplers.GridSampler", "_partial_": True}
    assert len(building.sampler(node, space, trials=0)) == 3  # type: ignore[arg-type]
