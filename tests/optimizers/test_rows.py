"""What the row-sparse optimizers do, beside a NumPy reference and beside Keras."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from traced import arrays_made_in_a_step

from bitjaru.optimizers.rows import RowAdam, RowRMSprop, sum_by_row

Floats = NDArray[np.float64]
Step = dict[int, list[float]]
RATE, BETA_1, BETA_2, RHO, EPSILON = 0.05, 0.9, 0.999, 0.9, 1e-7
ROWS, WIDTH = 6, 2
STEPS: list[Step] = [
    {1: [0.5, -1.0], 4: [2.0, 0.1]},
    {4: [-0.3, 0.7]},
    {0: [1.0, 1.0], 1: [0.2, 0.2], 5: [-4.0, 3.0]},
    {1: [-0.1, 0.4]},
]


def start() -> NDArray[np.float32]:
    return np.linspace(0, 1, ROWS * WIDTH, dtype=np.float32).reshape(ROWS, WIDTH)


def slices(indices: Sequence[int], values: Sequence[Sequence[float]]) -> Any:
    return tf.IndexedSlices(tf.constant(values, tf.float32), tf.constant(indices), tf.constant([ROWS, WIDTH]))


def after(optimizer: keras.Optimizer, steps: Sequence[Any]) -> NDArray[np.float32]:
    variable = keras.Variable(start())
    optimizer.build([variable])
    for gradient in steps:
        optimizer.apply([gradient], [variable])
    return np.asarray(variable.numpy())


def reference_adam(steps: Sequence[Step]) -> Floats:
    table, mean, square = start().astype(float), np.zeros((ROWS, WIDTH)), np.zeros((ROWS, WIDTH))
    for number, step in enumerate(steps, 1):
        for row, values in step.items():
            gradient = np.array(values)
            mean[row] = BETA_1 * mean[row] + (1 - BETA_1) * gradient
            square[row] = BETA_2 * square[row] + (1 - BETA_2) * gradient**2
            rate = RATE * np.sqrt(1 - BETA_2**number) / (1 - BETA_1**number)
            table[row] -= rate * mean[row] / (np.sqrt(square[row]) + EPSILON)
    return table


def reference_rmsprop(steps: Sequence[Step]) -> Floats:
    table, square = start().astype(float), np.zeros((ROWS, WIDTH))
    for step in steps:
        for row, values in step.items():
            gradient = np.array(values)
            square[row] = RHO * square[row] + (1 - RHO) * gradient**2
            table[row] -= RATE * gradient / np.sqrt(square[row] + EPSILON)
    return table


OPTIMIZERS = [
    pytest.param(RowAdam, keras.optimizers.Adam, reference_adam, id="adam"),
    pytest.param(RowRMSprop, keras.optimizers.RMSprop, reference_rmsprop, id="rmsprop"),
]
each = pytest.mark.parametrize(("row_sparse", "dense", "reference"), OPTIMIZERS)


@each
def test_several_steps_follow_the_reference(row_sparse: Any, dense: Any, reference: Any) -> None:
    steps = [slices(list(step), list(step.values())) for step in STEPS]
    np.testing.assert_allclose(after(row_sparse(learning_rate=RATE), steps), reference(STEPS), rtol=1e-5, atol=1e-6)


@each
def test_a_word_that_occurs_twice_has_the_sum_of_its_gradients(row_sparse: Any, dense: Any, reference: Any) -> None:
    twice = slices([3, 1, 3], [[1.0, 2.0], [0.5, 0.5], [-3.0, 0.5]])
    expected = reference([{3: [-2.0, 2.5], 1: [0.5, 0.5]}])
    np.testing.assert_allclose(after(row_sparse(learning_rate=RATE), [twice]), expected, rtol=1e-5)


@each
def test_a_row_without_gradient_stands_still_where_keras_moves_it(row_sparse: Any, dense: Any, reference: Any) -> None:
    steps = [slices([2], [[1.0, 1.0]]), slices([4], [[1.0, 1.0]])]
    after_one, after_two = (after(row_sparse(learning_rate=RATE), steps[:count]) for count in (1, 2))
    np.testing.assert_array_equal(after_one[2], after_two[2])
    if dense is keras.optimizers.Adam:
        assert not np.array_equal(after(dense(learning_rate=RATE), steps)[2], after_one[2])


@each
def test_a_dense_gradient_gets_the_update_of_keras(row_sparse: Any, dense: Any, reference: Any) -> None:
    steps = [tf.random.stateless_normal((ROWS, WIDTH), (7, number)) for number in range(4)]
    np.testing.assert_array_equal(after(row_sparse(learning_rate=RATE), steps), after(dense(learning_rate=RATE), steps))


@each
def test_when_every_row_has_one_gradient_nothing_differs_from_keras(
    row_sparse: Any, dense: Any, reference: Any
) -> None:
    dense_steps = [tf.random.stateless_normal((ROWS, WIDTH), (8, number)) for number in range(4)]
    steps = [slices(range(ROWS), step.numpy().tolist()) for step in dense_steps]
    expected = after(dense(learning_rate=RATE), dense_steps)
    np.testing.assert_allclose(after(row_sparse(learning_rate=RATE), steps), expected, rtol=1e-5, atol=1e-7)


@each
def test_clipping_takes_the_norm_of_the_summed_gradients(row_sparse: Any, dense: Any, reference: Any) -> None:
    # The slices have norm 7.07, their sum has norm 2: clipped to 1 it is halved.
    twice = slices([3, 3], [[5.0, 1.0], [-5.0, 1.0]])
    expected = reference([{3: [0.0, 1.0]}])
    np.testing.assert_allclose(after(row_sparse(learning_rate=RATE, clipnorm=1.0), [twice]), expected, rtol=1e-5)


def two_embeddings(optimizer: keras.Optimizer, *, mask: bool = False, jit: bool = False) -> keras.Model:
    keras.utils.set_random_seed(3)
    ids = keras.Input((4,), dtype="int32")
    left = keras.layers.Embedding(50, 3, mask_zero=mask, name="left")(ids)
    right = keras.layers.Embedding(50, 2, name="right")(ids)
    features = [keras.layers.GlobalAveragePooling1D()(table) for table in (left, right)]
    model = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(keras.layers.Concatenate()(features)))
    model.compile(optimizer, "binary_crossentropy", jit_compile=jit)
    return model


INPUTS = np.array([[0, 0, 2, 3], [0, 3, 3, 4]], np.int32)
TARGETS = np.array([0, 1], np.int32)


@pytest.mark.slow
@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize(("optimizer", "jit"), [(RowAdam, False), (RowAdam, True), (RowRMSprop, False)])
def test_fit_changes_only_the_rows_of_the_batch_and_no_masked_padding(optimizer: Any, jit: bool, mask: bool) -> None:
    model = two_embeddings(optimizer(), mask=mask, jit=jit)
    before = {name: model.get_layer(name).get_weights()[0] for name in ("left", "right")}
    model.fit(INPUTS, TARGETS, verbose=0)
    for name, table in before.items():
        changed = np.flatnonzero(np.any(model.get_layer(name).get_weights()[0] != table, axis=1))
        assert changed.tolist() == ([2, 3, 4] if mask and name == "left" else [0, 2, 3, 4])


@each
def test_a_saved_model_goes_on_training_as_if_it_had_not_been_saved(
    row_sparse: Any, dense: Any, reference: Any, tmp_path: Path
) -> None:
    model = two_embeddings(row_sparse(learning_rate=RATE, clipnorm=1.0))
    model.fit(INPUTS, TARGETS, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.optimizer) is row_sparse
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for each_model in (model, loaded):
        each_model.fit(INPUTS, TARGETS, verbose=0)
    for weights, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


@each
def test_a_step_does_no_work_on_the_whole_table(row_sparse: Any, dense: Any, reference: Any) -> None:
    left = (50, 3)
    assert arrays_made_in_a_step(two_embeddings(row_sparse()), INPUTS, TARGETS, shape=left) == []
    assert arrays_made_in_a_step(two_embeddings(dense()), INPUTS, TARGETS, shape=left) != []


def test_what_is_not_sparse_is_not_summed() -> None:
    tensor = tf.ones((2, 2))
    assert sum_by_row(tensor) is tensor
    assert sum_by_row(None) is None


@pytest.mark.parametrize("unsupported", [{"momentum": 0.5}, {"centered": True}])
def test_row_sparse_rmsprop_refuses_what_it_would_ignore(unsupported: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must have no momentum and not be centered"):
        after(RowRMSprop(**unsupported), [slices([1], [[1.0, 1.0]])])
