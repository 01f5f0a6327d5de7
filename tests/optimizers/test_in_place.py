"""The optimizers that update embeddings in place compute what Keras's compute."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from traced import arrays_made_in_a_step

from bitjaru.optimizers.adam import Adam
from bitjaru.optimizers.in_place import InPlaceAdam, InPlaceRMSprop

ROWS, WIDTH = 6, 3
each = pytest.mark.parametrize(
    ("in_place", "of_keras"),
    [
        pytest.param(InPlaceAdam, keras.optimizers.Adam, id="adam"),
        pytest.param(InPlaceRMSprop, keras.optimizers.RMSprop, id="rmsprop"),
    ],
)


def train(optimizer: keras.Optimizer, steps: list[list[int]], *, seed: int = 0) -> list[NDArray[np.float32]]:
    """Takes steps with random gradients of these rows; returns the table and the optimizer's memory."""
    random = np.random.default_rng(seed)
    table = keras.Variable(random.normal(size=(ROWS, WIDTH)).astype(np.float32))
    optimizer.build([table])
    for rows in steps:
        values = tf.constant(random.normal(size=(len(rows), WIDTH)), tf.float32)
        optimizer.apply([tf.IndexedSlices(values, tf.constant(rows), tf.constant([ROWS, WIDTH]))], [table])
    return [table.numpy(), *(np.asarray(each.numpy()) for each in optimizer.variables[1:])]


@each
@given(steps=st.lists(st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8), min_size=1, max_size=6))
@settings(deadline=None, max_examples=25)
def test_every_row_and_its_means_are_those_of_keras_words_that_repeat_too(
    in_place: Any, of_keras: Any, steps: list[list[int]]
) -> None:
    for ours, theirs in zip(train(in_place(0.05), steps), train(of_keras(0.05), steps), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@each
@pytest.mark.parametrize("knobs", [{"clipnorm": 0.5}, {"epsilon": 1e-3}, {"learning_rate": 0.3}], ids=str)
def test_it_agrees_with_keras_whatever_the_knobs(in_place: Any, of_keras: Any, knobs: dict[str, float]) -> None:
    steps = [[1, 1, 4], [2], [1, 5, 5, 5]]
    for ours, theirs in zip(train(in_place(**knobs), steps), train(of_keras(**knobs), steps), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)


@pytest.mark.slow
@each
@pytest.mark.parametrize("jit", [False, True])
def test_a_model_learns_the_same_weights_as_with_keras(in_place: Any, of_keras: Any, jit: bool) -> None:
    for ours, theirs in zip(fitted(in_place(0.01), jit=jit), fitted(of_keras(0.01), jit=jit), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)


@each
def test_a_dense_gradient_gets_the_update_of_keras_to_the_last_bit(in_place: Any, of_keras: Any) -> None:
    tables = []
    for optimizer in (in_place(), of_keras()):
        table = keras.Variable(np.ones((ROWS, WIDTH), np.float32))
        optimizer.build([table])
        for seed in range(3):
            optimizer.apply([tf.random.stateless_normal((ROWS, WIDTH), (1, seed))], [table])
        tables.append(table.numpy())
    np.testing.assert_array_equal(*tables)


@each
def test_a_saved_model_goes_on_training_as_if_it_had_not_been_saved(
    in_place: Any, of_keras: Any, tmp_path: Path
) -> None:
    model = small_model(in_place(0.01))
    model.fit(INPUTS, TARGETS, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.optimizer) is in_place
    for either in (model, loaded):
        either.fit(INPUTS, TARGETS, verbose=0)
    for weights, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


@pytest.mark.parametrize(("in_place", "most"), [(InPlaceAdam, 0), (InPlaceRMSprop, 1)])
def test_a_step_makes_hardly_an_array_as_large_as_the_embedding(in_place: Any, most: int) -> None:
    ours, theirs = (
        arrays_made_in_a_step(small_model(optimizer()), INPUTS, TARGETS, shape=(WORDS, WIDTH))
        for optimizer in (in_place, in_place.__bases__[1])
    )
    assert len(ours) <= most < 3 < len(theirs)


@pytest.mark.parametrize("decay", ["beta_1", "beta_2"])
def test_an_adam_that_forgets_at_once_is_kerass_own(decay: str) -> None:
    knobs: dict[str, Any] = {"beta_1": 0.9, "beta_2": 0.999, decay: 0.0}
    part = Adam(
        learning_rate=0.1, epsilon=1e-7, clipnorm=None, embedding_update="dense", embedding_multiplier=1.0, **knobs
    )
    assert type(part.build()) is keras.optimizers.Adam
    with pytest.raises(ValueError, match="must have decays above 0"):
        train(InPlaceAdam(**knobs), [[1]])


@pytest.mark.parametrize("unsupported", [{"momentum": 0.5}, {"centered": True}])
def test_rmsprop_refuses_what_it_would_ignore(unsupported: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must have no momentum and not be centered"):
        train(InPlaceRMSprop(**unsupported), [[1]])


WORDS, TOKENS = 50, 5
INPUTS = np.random.default_rng(1).integers(0, WORDS, (64, TOKENS)).astype(np.int32)
TARGETS = (INPUTS.sum(axis=1) % 2).astype(np.int32)


def small_model(optimizer: keras.Optimizer, *, jit: bool = False) -> keras.Model:
    keras.utils.set_random_seed(3)
    ids = keras.Input((TOKENS,), dtype="int32")
    features = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(WORDS, WIDTH)(ids))
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(features))
    model.compile(optimizer, "binary_crossentropy", jit_compile=jit)
    return model


def fitted(optimizer: keras.Optimizer, *, jit: bool) -> list[NDArray[np.float32]]:
    model = small_model(optimizer, jit=jit)
    model.fit(INPUTS, TARGETS, batch_size=8, epochs=3, shuffle=False, verbose=0)
    return list(model.get_weights())
