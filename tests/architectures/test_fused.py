"""The fused recurrent layers beside Keras's: the same results, gradients, dropout masks, weights and files."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from bitjaru.architectures.fused import layers as fused

B, T, E, U = 4, 7, 5, 6
CELLS = ("LSTM", "GRU", "SimpleRNN")
each_cell = pytest.mark.parametrize("cell", CELLS)


def made(library: Any, cell: str, *, bidirectional: bool = False, **knobs: Any) -> Any:
    layer = getattr(library, cell)(U, seed=5, **knobs)
    layer = keras.layers.Bidirectional(layer) if bidirectional else layer
    layer.build((None, T, E))
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(0, 0.5, weight.shape) for weight in layer.weights])
    return layer


def mask_of(kind: str) -> Any:
    steps = np.arange(T)
    masks = {
        "none": None,
        "before": steps[None] >= np.array([[0], [3], [5], [7]]),  # the last review is empty
        "after": steps[None] < np.array([[7], [3], [5], [1]]),
        "holes": np.random.default_rng(0).random((B, T)) > 0.4,
    }
    return masks[kind]


def trained(layer: Any, mask: Any) -> list[Any]:
    """Returns the output of a training step and the gradients of input and weights."""
    inputs = tf.constant(np.random.default_rng(2).normal(size=(B, T, E)), tf.float32)

    @tf.function  # type: ignore[untyped-decorator]
    def step(inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = layer(inputs, mask=None if mask is None else tf.constant(mask), training=True)
            loss = tf.reduce_sum(output**2 * tf.range(1.0, output.shape[-1] + 1))
        return [output, *tape.gradient(loss, [inputs, *(weight.value for weight in layer.trainable_variables)])]

    return [np.asarray(tensor) for tensor in step(inputs)]


@each_cell
@pytest.mark.parametrize("mask", ["none", "before", "holes"])
@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"go_backwards": True, "return_sequences": True},
        {"dropout": 0.3, "recurrent_dropout": 0.4},
        {"bidirectional": True, "return_sequences": True},
    ],
    ids=lambda knobs: " ".join(knobs) or "plain",
)
def test_a_training_step_is_that_of_keras(cell: str, mask: str, knobs: dict[str, Any]) -> None:
    ours, theirs = (trained(made(library, cell, **knobs), mask_of(mask)) for library in (fused, keras.layers))
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-5, atol=1e-5)


@each_cell
def test_the_states_that_a_layer_returns_are_those_of_keras(cell: str) -> None:
    inputs = np.random.default_rng(2).normal(size=(B, T, E)).astype(np.float32)
    ours, theirs = (
        made(library, cell, return_state=True)(inputs, mask=mask_of("after"), training=True)
        for library in (fused, keras.layers)
    )
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-6)


@each_cell
def test_weights_and_config_are_those_of_keras(cell: str) -> None:
    ours, theirs = (made(library, cell, name="layer", dropout=0.1) for library in (fused, keras.layers))
    assert [weight.path for weight in ours.weights] == [weight.path for weight in theirs.weights]
    assert [weight.shape for weight in ours.weights] == [weight.shape for weight in theirs.weights]
    assert ours.get_config() == theirs.get_config()
    again = type(ours).from_config(ours.get_config())
    assert (type(again), again.get_config()) == (type(ours), ours.get_config())


@each_cell
def test_a_saved_layer_is_loaded_in_safe_mode_as_itself(cell: str, tmp_path: Path) -> None:
    inputs = keras.Input((None, E))
    model = keras.Model(inputs, keras.layers.Bidirectional(getattr(fused, cell)(U))(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert type(loaded.layers[-1].backward_layer) is getattr(fused, cell)
    reviews = np.random.default_rng(2).normal(size=(B, T, E))
    np.testing.assert_array_equal(loaded.predict(reviews, verbose=0), model.predict(reviews, verbose=0))


@each_cell
def test_the_loop_over_time_has_one_product_a_step_and_the_weights_have_one_for_all_steps(cell: str) -> None:
    layer = made(fused, cell)

    @tf.function  # type: ignore[untyped-decorator]
    def step(inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(inputs, training=True))
        return tape.gradient(loss, [weight.value for weight in layer.trainable_variables])

    graph = step.get_concrete_function(tf.TensorSpec((B, T, E))).graph
    products = [node.name for node in graph.as_graph_def().node if node.op == "MatMul"]
    loops = [node.attr["body"].func.name for node in graph.as_graph_def().node if node.op.endswith("While")]
    bodies = {function.signature.name: function for function in graph.as_graph_def().library.function}
    in_loops = [sum(node.op == "MatMul" for node in bodies[name].node_def) for name in loops]
    assert in_loops == [1, 1]
    assert len(products) == 3  # inputs times kernel, and the gradients of both kernels


@pytest.mark.parametrize(
    ("cell", "other"),
    [("LSTM", {"activation": "relu"}), ("GRU", {"reset_after": False}), ("SimpleRNN", {"use_bias": False})],
)
def test_equations_other_than_keras_s_defaults_are_refused(cell: str, other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"Received: .*{next(iter(other))}.*keras.layers.{cell}"):
        made(fused, cell, **other)
