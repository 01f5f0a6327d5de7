"""The contract of every architecture, and what each promises on its own."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from options import options

from bitjaru.architectures import FittedAtOnce
from bitjaru.configuration import build, compose_config
from bitjaru.errors import ConfigError
from bitjaru.models.trust import keras_file
from bitjaru.training.model import build_model

T, V = 12, 50
# In hundreds of tokens one says little.
SHORTER = {name: [f"architecture.views.ngrams.max_len={T}"] for name in ("ngrams", "views")}
SMALL = ["optimizer=adam", "optimizer.learning_rate=0.01", f"max_len={T}"]


def model_of(*overrides: str) -> Any:
    parts = build(compose_config([*SMALL, *overrides]))
    keras.utils.set_random_seed(0)
    sizes, trimmed = dict.fromkeys(parts.reading.views, V), dict.fromkeys(parts.reading.views, False)
    return build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=trimmed)


def networks() -> list[str]:
    """The architectures that become a Keras model."""
    built = {name: build(compose_config([f"architecture={name}"])).architecture for name in options("architecture")}
    return [name for name, architecture in built.items() if not isinstance(architecture, FittedAtOnce)]


@pytest.fixture(scope="module", params=networks())
def model(request: pytest.FixtureRequest) -> Any:
    return model_of(f"architecture={request.param}", *SHORTER.get(request.param, []))


def ids(rows: int, length: int = T) -> Any:
    return np.random.default_rng(0).integers(1, V, (rows, length), dtype=np.int32)


def inputs_of(model: Any, rows: int) -> Any:
    """Short reviews for a model of whatever length, which may read each in several ways: every column has a token."""
    return ids(rows, model.input_shape[1])


def test_every_architecture_gives_one_vector_a_review(model: Any) -> None:
    assert len(model.layers[-1].input.shape) == 2


def test_every_architecture_answers_with_probabilities(model: Any) -> None:
    answers = model.predict(inputs_of(model, 5), verbose=0)
    assert answers.shape == (5, 1)
    assert ((answers > 0) & (answers < 1)).all()


def test_an_empty_review_gets_a_number(model: Any) -> None:
    assert np.isfinite(model.predict(np.zeros((1, model.input_shape[1]), np.int32), verbose=0)).all()


def test_every_architecture_learns_to_tell_two_words_apart(model: Any) -> None:
    inputs = inputs_of(model, 256) % 40 + 3
    inputs[::2, -3], inputs[1::2, -3] = 1, 2
    targets = np.arange(256) % 2
    model.fit(inputs, targets, epochs=8, batch_size=32, verbose=0)
    assert model.evaluate(inputs, targets, verbose=0)[1] > 0.9


def test_a_saved_model_answers_the_same_in_safe_mode(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    keras_file.check(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    inputs = inputs_of(model, 4)
    # Two threads add up in any order: the last bit may differ.
    np.testing.assert_allclose(loaded.predict(inputs, verbose=0), model.predict(inputs, verbose=0), rtol=0, atol=1e-6)


@pytest.mark.parametrize("architecture", ["simplernn", "lstm", "gru", "bilstm", "average", "bag"])
def test_padding_before_a_review_changes_nothing_where_it_is_masked(architecture: str) -> None:
    model = model_of(f"architecture={architecture}")
    short, longer = ids(3)[:, :5], np.zeros((3, T), np.int32)
    longer[:, -5:] = short
    free = keras.Model(model.inputs, model.outputs)
    twelve = free.predict(longer, verbose=0)
    seven = np.zeros((3, T), np.int32)
    seven[:, :5] = short
    assert architecture == "bilstm" or np.allclose(twelve, free.predict(seven, verbose=0), atol=1e-5)
    assert not np.allclose(twelve, free.predict(ids(3), verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    ("overrides", "weights"),
    [
        # E V; 4 u (u + E + 1); u + 1, and so on, as the documents derive them by hand
        (["architecture=lstm"], 128 * V + 4 * 128 * (128 + 128 + 1) + 129),
        (["architecture=simplernn"], 128 * V + 64 * (64 + 128 + 1) + 65),
        (["architecture=gru"], 128 * V + 3 * 128 * (128 + 128 + 2) + 129),
        (["architecture=bilstm"], 128 * V + 2 * 4 * 64 * (64 + 128 + 1) + 129),
        (["architecture=average"], 128 * V + 129),
        (["architecture=bag"], 64 * V + 65),
        (["architecture=ngrams"], 64 * V + 65),
        (["architecture=cnn"], 128 * V + sum(100 * (128 * k + 1) for k in (3, 4, 5)) + 301),
        (["architecture=cnn_lstm"], 128 * V + 32 * (128 * 5 + 1) + 4 * 50 * (50 + 32 + 1) + 51),
        (["architecture=simplernn", "architecture/embedding=onehot", "architecture.units=8"], 8 * (8 + V + 1) + 9),
        (["architecture=average", "architecture.readout.units=7"], 128 * V + 7 * 129 + 8),
        (["architecture=simplernn", "architecture.layers=3"], 128 * V + 64 * 193 + 2 * 64 * 129 + 65),
    ],
)
def test_the_number_of_weights_is_what_the_formula_says(overrides: list[str], weights: int) -> None:
    assert model_of(*overrides).count_params() == weights


def test_one_hot_vectors_say_the_same_as_an_identity_table() -> None:
    from bitjaru.architectures.layers import OneHot

    np.testing.assert_array_equal(OneHot(V)(ids(2)), np.eye(V, dtype=np.float32)[ids(2)])


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["architecture=cnn", "max_len=4"], r"kernel_sizes=\[3, 4, 5\], max_len=4"),
        (["architecture=cnn_lstm", "architecture.pool_size=13"], "pool_size=13, max_len=12"),
        (["architecture=cnn_lstm", "architecture.kernel_size=13"], "kernel_size=13, .*max_len=12"),
    ],
)
def test_a_sequence_too_short_for_an_architecture_is_refused(overrides: list[str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        model_of(*overrides)
