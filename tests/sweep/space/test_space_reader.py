import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import optuna
import pytest
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from sweep import program

from bitjaru.errors import ConfigError
from bitjaru.sweep.space.composition import Composition
from bitjaru.sweep.space.plan import active
from bitjaru.sweep.space.space import Space
from bitjaru.sweep.space.space_reader import read


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return program.write(tmp_path_factory.mktemp("program")) / "conf"


@pytest.fixture
def composition(conf: Path) -> Iterator[Composition]:
    yield open_composition(conf)
    GlobalHydra.instance().clear()


def open_composition(conf: Path) -> Composition:
    GlobalHydra.instance().clear()
    hydra = Hydra.create_main_hydra2("app", create_config_search_path(str(conf)))
    return Composition(hydra.config_loader, hydra.config_loader.load_configuration("config", [], RunMode.MULTIRUN))


def knobs(space: Space) -> dict[str, str]:
    return {knob.name: knob.said for knob in space.knobs}


SMALL = {"model.small.units": "choice(4, 8)", "model.small.dropout": "interval(0.0, 0.5)"}


def test_every_searched_option_brings_its_own_space(composition: Composition) -> None:
    space = read(["model=choice(small,large,bare)"], composition, spaces=None)
    assert knobs(space) == {
        "model": "choice(small, large, bare)",
        **SMALL,
        "model.large.units": "choice(64, 128, 256)",
        "model.large.layers": "int(interval(1, 3))",
        "model.large.inner.width": "range(3, 9, 2)",
    }


def test_a_trial_gets_only_the_knobs_of_its_option(composition: Composition) -> None:
    space = read(["model=choice(small,large)", "x=2"], composition, spaces=None)
    lines = space.overrides({"model": "small", "model.small.units": 8, "model.small.dropout": 0.25})
    assert lines == ("model=small", "x=2", "model.units=8", "model.dropout=0.25")


def test_an_option_and_its_space_are_all_it_takes_to_join(conf: Path, tmp_path: Path) -> None:
    own = tmp_path / "conf"
    shutil.copytree(conf, own)
    (own / "model" / "new.yaml").write_text("kernel: 3\n")
    (own / "model" / "space" / "new.yaml").write_text("kernel: choice(3, 5)\n")
    space = read(["model=glob(*)"], open_composition(own), spaces=None)
    assert knobs(space)["model"] == "choice(bare, large, new, small)"
    assert knobs(space)["model.new.kernel"] == "choice(3, 5)"


def test_a_fixed_override_takes_a_knob_out_and_reaches_only_options_that_have_it(composition: Composition) -> None:
    space = read(["model=choice(small,large)", "model.dropout=0.3"], composition, spaces=None)
    assert "model.small.dropout" not in knobs(space)
    assert "model.dropout=0.3" in space.overrides({"model": "small"})
    assert "model.dropout=0.3" not in space.overrides({"model": "large"})


def test_a_searched_knob_replaces_the_ranges_of_the_options_that_have_it(composition: Composition) -> None:
    space = read(["model=choice(small,large,bare)", "model.units=choice(1,2)"], composition, spaces=None)
    (units,) = [knob for knob in space.knobs if knob.key == "model.units"]
    assert (units.name, units.when) == ("model.units", ({"model": "small"}, {"model": "large"}))


def test_a_later_line_replaces_an_earlier_one(composition: Composition) -> None:
    space = read(["x=interval(0,1)", "model=choice(small,bare)", "x=3"], composition, spaces=[])
    assert knobs(space) == {"model": "choice(small, bare)"}
    assert "x=3" in space.overrides({"model": "bare"})


@pytest.mark.parametrize(
    ("lines", "spaces", "expected"),
    [
        (["x=interval(0,1)"], None, {"x": "interval(0,1)"}),
        (["x=interval(0,1)", "model=small"], ["model"], {"x": "interval(0,1)", **SMALL}),
        (["model=choice(small,bare)"], [], {"model": "choice(small, bare)"}),
        (["model=bare"], None, {"method.plain.rate": "tag(log, interval(1e-4, 1e-1))"}),
        (["x=1"], ["model"], SMALL),
    ],
)
def test_whose_spaces_join_can_be_said(
    composition: Composition, lines: Sequence[str], spaces: Sequence[str] | None, expected: dict[str, str]
) -> None:
    assert knobs(read(lines, composition, spaces=spaces)) == expected


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("y=interval(0,1)", r"must exist .* Received: y=interval\(0,1\)\. There are: method, model, seed, x\."),
        ("method.rat=choice(1,2)", r"There are: rate\. Did you mean method\.rate\?"),
        ("model=choice(small,tiny)", r"`model` must be one of bare, large, small\. Received: model=tiny"),
        ("model=tiny", r"`model` must be one of bare, large, small"),
        ("x=interval(1,", r"Received: x=interval\(1,"),
        ("x=between(1,2)", r"Unknown function 'between'"),
        ("x=interval(2,1)", r"lower end 2\.0 is above the upper end 1\.0"),
        ("x=tag(log,interval(0,1))", r"must start above 0"),
        ("x=tag(logarithmic,interval(1,2))", r"must be `log`\. Received: logarithmic"),
        ("x=range(3,2)", r"nothing lies from 3 to 2"),
        ("x=range(0,3,0)", r"step"),
        ("x=choice(1,1)", r"named twice"),
    ],
)
def test_a_wrong_line_is_refused_with_what_is_wrong(composition: Composition, line: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read([line], composition, spaces=None)


def test_what_is_fixed_is_checked_before_the_options_spaces_are_composed(composition: Composition) -> None:
    def refuse(lines: Sequence[str]) -> None:
        assert lines == ["x=0", "model=small"]
        raise ConfigError("`x` must be above 0. Received: x=0.")

    composed = counted_loads(composition)
    with pytest.raises(ConfigError, match="above 0"):
        read(["x=0", "model=choice(small,large)"], composition, spaces=None, check=refuse)
    assert not [line for lines in composed for line in lines if "space" in line]


def test_what_only_some_options_have_is_checked_with_one_that_has_it_before_the_others_are_composed(
    composition: Composition,
) -> None:
    def refuse(lines: Sequence[str]) -> None:
        if "model.inner.width=0" in lines:
            assert lines == ["x=0", "model.inner.width=0", "model=large"]
            raise ConfigError("`model.inner.width` must be above 0. Received: 0.")

    composed = counted_loads(composition)
    lines = ["x=0", "model=choice(small,large,bare)", "model.inner.width=0"]
    with pytest.raises(ConfigError, match="above 0"):
        read(lines, composition, spaces=None, check=refuse)
    assert "model=bare" not in [line for lines in composed for line in lines]


def test_no_configuration_is_composed_twice(composition: Composition) -> None:
    composed = counted_loads(composition)
    lines = ["x=0", "model=choice(small,large)", "model.layers=choice(1,2)"]
    read(lines, composition, spaces=None, check=composition.settings)
    composition.compose(["x=0", "model=small"])
    assert len(composed) == len(set(composed))


def counted_loads(composition: Composition) -> list[tuple[str, ...]]:
    loader, composed = composition.loader, []
    load = loader.load_sweep_config

    def counted(master: object, overrides: Sequence[str]) -> object:
        composed.append(tuple(overrides))
        return load(master, overrides)

    loader.load_sweep_config = counted
    return composed


def test_a_knob_that_no_searched_option_has_is_refused_with_those_that_exist(composition: Composition) -> None:
    with pytest.raises(ConfigError, match=r"none of model=small, model=bare has\. They have: bias, dropout, units"):
        read(["model=choice(small,bare)", "model.layers=choice(1,2)"], composition, spaces=None)


def test_a_space_that_names_a_knob_its_option_lacks_is_refused_with_its_file(conf: Path, tmp_path: Path) -> None:
    own = tmp_path / "conf"
    shutil.copytree(conf, own)
    (own / "model" / "space" / "bare.yaml").write_text("unit: choice(1, 2)\n")
    with pytest.raises(
        ConfigError, match=r"`model/space/bare.yaml` must name knobs of bare\. Received: unit\. There are: bias"
    ):
        read(["model=choice(small,bare)"], open_composition(own), spaces=None)


def with_space_of_bare(conf: Path, own: Path, text: str) -> Composition:
    shutil.copytree(conf, own)
    (own / "model" / "space" / "bare.yaml").write_text(text)
    return open_composition(own)


def without_method(conf: Path, own: Path) -> Composition:
    """Of a program whose model `bare` has no use for a method."""
    return with_space_of_bare(conf, own, "method: null\nbias: choice(true, false)\n")


RATE = "method.rate=interval(0.0,1.0)"


def test_what_an_option_has_no_use_for_its_trials_do_not_get(conf: Path, tmp_path: Path) -> None:
    space = read(["model=choice(small,bare)", RATE], without_method(conf, tmp_path / "conf"), spaces=None)
    bare = {"model": "bare", "method.rate": 0.5, "model.bare.bias": True}
    assert space.overrides(bare) == ("model=bare", "model.bias=True")
    assert space.overrides({"model": "small", "method.rate": 0.5}) == ("model=small", "method.rate=0.5")
    assert [knob.name for knob in active(space, {"model": "bare"})] == ["model.bare.bias"]


def test_what_no_option_that_may_be_tried_has_a_use_for_is_not_searched(conf: Path, tmp_path: Path) -> None:
    composition = without_method(conf, tmp_path / "conf")
    alone = {"model": "choice(bare)", "model.bare.bias": "choice(True, False)"}
    assert knobs(read(["model=choice(bare)", RATE], composition, spaces=None)) == alone
    method = {"method": "choice(plain)", "method.plain.rate": "tag(log, interval(1e-4, 1e-1))"}
    stays = read(["model=choice(small,bare)", "method=choice(plain)"], composition, spaces=None)
    assert knobs(stays).items() >= method.items()
    chosen = read(["model=bare", RATE], composition, spaces=["model"])
    assert knobs(chosen) == {"model.bare.bias": "choice(True, False)"}
    assert knobs(read(["model=bare", RATE], composition, spaces=None)) == {}
    assert knobs(read(["model=small", RATE], composition, spaces=None)) == {"method.rate": "interval(0.0,1.0)"}


def test_a_grid_counts_an_option_once_for_all_values_that_it_has_no_use_for(conf: Path, tmp_path: Path) -> None:
    lines = ["model=choice(small,bare)", "method.rate=choice(0.1,0.2,0.3)", "model.dropout=0.1"]
    combinations = list(read(lines, without_method(conf, tmp_path / "conf"), spaces=None).grid())
    bare = [(one["method.rate"], one["model.bare.bias"]) for one in combinations if one["model"] == "bare"]
    assert bare == [(0.1, True), (0.1, False)]
    assert {one["method.rate"] for one in combinations if one["model"] == "small"} == {0.1, 0.2, 0.3}


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_the_draws_of_other_options_stay_where_one_has_no_use_for_a_knob(conf: Path, tmp_path: Path) -> None:
    lines = ["model=choice(small,large,bare)", RATE]

    def drawn(composition: Composition) -> list[dict[str, object]]:
        space = read(lines, composition, spaces=None)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3, multivariate=True, group=True))
        study.optimize(lambda trial: len(str(space.suggest(trial))), n_trials=20)
        return [trial.params for trial in study.trials]

    usual = with_space_of_bare(conf, tmp_path / "usual", "bias: choice(true, false)\n")
    assert drawn(without_method(conf, tmp_path / "unused")) == drawn(usual)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x=interval(0,1)", FloatDistribution(0.0, 1.0)),
        ("x=int(interval(1,4))", IntDistribution(1, 4)),
        ("x=tag(log,interval(1e-4,1e-2))", FloatDistribution(1e-4, 1e-2, log=True)),
        ("x=tag(log,int(interval(16,256)))", IntDistribution(16, 256, log=True)),
        ("x=range(1,10,3)", IntDistribution(1, 10, step=3)),
        ("x=range(0.0,1.0,0.25)", FloatDistribution(0.0, 1.0, step=0.25)),
        ("x=range(0,1,step=0.3)", FloatDistribution(0.0, 0.9, step=0.3)),
        ("x=range(1,3)", IntDistribution(1, 3)),
        ("x=shuffle(range(1,3))", CategoricalDistribution((1, 2, 3))),
        ("x=range(3,0,-1)", IntDistribution(0, 3)),
        ("x=1,2,3", CategoricalDistribution((1, 2, 3))),
        ("x=choice(a,'b c',1.5,true)", CategoricalDistribution(("a", "b c", 1.5, True))),
        ("x=choice([3,4],[5])", CategoricalDistribution(("[3,4]", "[5]"))),
    ],
)
def test_hydras_grammar_becomes_optunas_distributions(composition: Composition, line: str, expected: object) -> None:
    (knob,) = read([line], composition, spaces=[]).knobs
    assert knob.distribution == expected


@pytest.mark.parametrize(
    ("line", "value", "composed"),
    [
        ("x=choice(a,'b c')", "b c", "b c"),
        ("x=choice('3',4)", "3", "3"),
        ("x=choice([3,4],[5])", "[3,4]", [3, 4]),
        ("x=null,1", None, None),
        ("x=choice(true,false)", False, False),
        ("x=interval(0,1)", 1e-7, 1e-7),
        ("+y=choice(1,2)", 2, 2),
    ],
)
def test_a_value_reaches_the_config_as_it_was_drawn(
    composition: Composition, line: str, value: object, composed: object
) -> None:
    (knob,) = read([line], composition, spaces=[]).knobs
    assert composition.compose([knob.line(value)])[knob.key.lstrip("+")] == composed
