"""What holds for every option of `conf/optimizer`."""

import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import hydra
import keras
import numpy as np
import pytest
from hydra.errors import InstantiationException
from omegaconf import OmegaConf

from bitjaru import project
from bitjaru.configuration import compose_config

FILES = sorted((project.home() / "conf" / "optimizer").glob("*.yaml"))
each_option = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def node(file: Path) -> Any:
    return compose_config([f"optimizer={file.stem}"]).optimizer


def make(file: Path, **changes: Any) -> Any:
    return hydra.utils.instantiate(OmegaConf.merge(OmegaConf.create(OmegaConf.to_container(node(file))), changes))


def test_the_options_are_those_of_the_documents_and_four_more() -> None:
    assert [file.stem for file in FILES] == ["adam", "adamw", "lazy_adam", "lazy_rmsprop", "rmsprop", "sgd"]


def test_a_lazy_optimizer_differs_from_its_namesake_in_one_knob() -> None:
    for name in ("adam", "rmsprop"):
        plain, lazy = (dict(node(FILES[0].with_stem(stem))) for stem in (name, f"lazy_{name}"))
        assert {key for key in plain if plain[key] != lazy[key]} == {"embedding_update"}
        assert plain.keys() == lazy.keys()


@each_option
def test_its_keys_are_the_fields_of_its_class(file: Path) -> None:
    assert [field.name for field in dataclasses.fields(make(file))] == [
        str(key) for key in node(file) if key != "_target_"
    ]


@each_option
def test_its_defaults_are_those_of_keras(file: Path) -> None:
    part = make(file)
    kind = next(each for each in type(part.build()).__mro__ if each.__module__.startswith("keras."))
    of_keras = inspect.signature(kind).parameters
    knobs = dataclasses.asdict(part)
    knobs.pop("embedding_update", None)
    assert knobs.pop("embedding_multiplier", 1) == 1
    for name, value in knobs.items():
        assert value == of_keras[name].default, name


@each_option
def test_every_knob_reaches_the_optimizer(file: Path) -> None:
    part = make(file)
    knobs = {
        field.name: 0.5 for field in dataclasses.fields(part) if field.name not in {"embedding_update", "nesterov"}
    }
    config = make(file, **knobs).build().get_config()
    assert {name: pytest.approx(config[name]) for name in knobs} == knobs


@each_option
def test_each_build_is_a_fresh_optimizer_that_learns(file: Path) -> None:
    part = make(file)
    assert part.build() is not part.build()
    optimizer, weight = part.build(), keras.Variable(np.ones(3, np.float32))
    optimizer.build([weight])
    optimizer.apply([keras.ops.ones(3)], [weight])
    assert np.all(weight.numpy() < 1)


@each_option
@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": 0},
        {"learning_rate": -0.1},
        {"learning_rate": "fast"},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"clipnorm": 0},
        {"momentun": 0.9},
    ],
    ids=str,
)
def test_it_refuses_a_wrong_value_or_key(file: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(InstantiationException):
        make(file, **wrong)


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("adam", {"beta_1": 1}),
        ("adam", {"epsilon": 0}),
        ("adam", {"embedding_update": "row"}),
        ("adamw", {"weight_decay": -1}),
        ("rmsprop", {"rho": -0.1}),
        ("sgd", {"momentum": 1}),
    ],
    ids=str,
)
def test_bounds_of_single_options_hold(option: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InstantiationException, match=next(iter(wrong))):
        make(project.home() / "conf" / "optimizer" / f"{option}.yaml", **wrong)


def test_nesterov_without_momentum_is_refused() -> None:
    with pytest.raises(InstantiationException, match="`nesterov` looks ahead along the momentum"):
        make(project.home() / "conf" / "optimizer" / "sgd.yaml", nesterov=True)


@pytest.mark.parametrize(("option", "name"), [("adam", "RowAdam"), ("rmsprop", "RowRMSprop")])
def test_rows_makes_the_row_sparse_optimizer_with_the_same_knobs(option: str, name: str) -> None:
    file = project.home() / "conf" / "optimizer" / f"{option}.yaml"
    dense = make(file, learning_rate=0.5, clipnorm=2.0).build()
    rows = make(file, learning_rate=0.5, clipnorm=2.0, embedding_update="rows").build()
    assert type(rows).__name__ == name
    assert {**rows.get_config(), "name": None} == {**dense.get_config(), "name": None}


@pytest.mark.parametrize("update", ["dense", "rows"])
@pytest.mark.parametrize("option", ["adam", "rmsprop"])
def test_embeddings_move_by_a_multiple_of_the_learning_rate_and_other_weights_do_not(option: str, update: str) -> None:
    file = project.home() / "conf" / "optimizer" / f"{option}.yaml"
    moved = []
    for multiplier in (1.0, 3.0):
        keras.utils.set_random_seed(1)
        model = keras.Sequential([keras.layers.Embedding(7, 2), keras.layers.Flatten(), keras.layers.Dense(1)])
        optimizer = make(file, embedding_update=update, embedding_multiplier=multiplier).build()
        model.compile(optimizer=optimizer, loss="mse")
        ids = np.array([[1, 2, 2], [5, 6, 1]])
        model.build((None, 3))
        before = [each.copy() for each in model.get_weights()]
        model.train_on_batch(ids, np.array([1.0, 0.0]))
        moved.append([now - then for now, then in zip(model.get_weights(), before, strict=True)])
    (embedding, *others), (embedding_faster, *same) = moved
    np.testing.assert_allclose(embedding_faster, 3 * embedding, rtol=1e-3, atol=1e-6)
    assert np.abs(embedding).max() > 1e-4
    for one, other in zip(others, same, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-7)


def test_an_adam_that_forgets_at_once_has_one_learning_rate_where_all_words_move() -> None:
    file = project.home() / "conf" / "optimizer" / "adam.yaml"
    with pytest.raises(InstantiationException, match=r"must be 1 .* embedding_multiplier=2, beta_1=0"):
        make(file, beta_1=0.0, embedding_multiplier=2.0)
    assert make(file, beta_1=0.0, embedding_multiplier=2.0, embedding_update="rows").build()


def test_making_the_parts_imports_no_keras() -> None:
    modules = ", ".join(sorted({type(make(file)).__module__ for file in FILES}))
    code = f"import sys, {modules}; print(sorted({{'keras', 'tensorflow'}} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
