"""The recurrent layers, step by step in NumPy from their equations, beside Keras's."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from options import options

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.training.model import build_model

Array = NDArray[np.float64]
B, T, E, D = 4, 9, 5, 6
WITHOUT_WORDS = {"linear", "ngrams", "views"}  # they do not read with the run's own tokenizer, and are refused


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def simple(x: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
    """h' = tanh(x·W + h·U + b) (Elman 1990)."""
    h = np.zeros((len(x), D))
    for step in range(x.shape[1]):
        h = np.tanh(x[:, step] @ kernel + h @ recurrent + bias)
    return h


def lstm(x: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
    """Input, forget and output gate and the candidate, in Keras's order i f c o (Hochreiter & Schmidhuber 1997)."""
    h, c = np.zeros((2, len(x), D))
    for step in range(x.shape[1]):
        i, f, candidate, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(candidate)
        h = sigmoid(o) * np.tanh(c)
    return h


def gru(x: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
    """Update gate z, reset gate r, candidate (Cho et al. 2014), the reset after the product as in Keras."""
    h = np.zeros((len(x), D))
    for step in range(x.shape[1]):
        xz, xr, xh = np.split(x[:, step] @ kernel + bias[0], 3, axis=1)
        hz, hr, hh = np.split(h @ recurrent + bias[1], 3, axis=1)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        h = z * h + (1 - z) * np.tanh(xh + r * hh)
    return h


def model_of(cell: str, *overrides: str, vocabulary: int = 30) -> Any:
    keras.utils.set_random_seed(3)
    small = [f"max_len={T}", f"architecture.embedding.width={E}", f"architecture.units={D}"]
    parts = build(compose_config([f"architecture={cell}", *small, *overrides]))
    return build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: vocabulary}, trimmed={OWN_VIEW: False}
    )


@pytest.mark.parametrize(("cell", "forward"), [("simplernn", simple), ("lstm", lstm), ("gru", gru)])
def test_the_equations_give_what_the_layer_gives(cell: str, forward: Callable[..., Array]) -> None:
    model = model_of(cell, "architecture.embedding.mask=false")
    random = np.random.default_rng(0)
    # Fresh biases are zeros: equations that forgot them would agree.
    model.set_weights([random.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    ids = random.integers(0, 30, (B, T), dtype=np.int32)
    table, *recurrent, head, head_bias = (weight.astype(np.float64) for weight in model.get_weights())
    state = forward(table[ids], *recurrent)
    features = keras.Model(model.inputs, model.get_layer(f"{cell}_1").output)
    np.testing.assert_allclose(features.predict(ids, verbose=0), state, atol=1e-5)
    np.testing.assert_allclose(model.predict(ids, verbose=0), sigmoid(state @ head + head_bias), atol=1e-5)


@pytest.mark.parametrize(("cell", "forward"), [("simplernn", simple), ("lstm", lstm), ("gru", gru)])
def test_a_masked_step_leaves_the_state_as_it_was(cell: str, forward: Callable[..., Array]) -> None:
    model = model_of(cell)
    ids = np.random.default_rng(0).integers(1, 30, (B, T), dtype=np.int32)
    ids[:, :4] = 0
    table, *recurrent, _, _ = (weight.astype(np.float64) for weight in model.get_weights())
    features = keras.Model(model.inputs, model.get_layer(f"{cell}_1").output)
    np.testing.assert_allclose(features.predict(ids, verbose=0), forward(table[ids[:, 4:]], *recurrent), atol=1e-5)


@pytest.mark.parametrize("architecture", sorted({*options("architecture")} - WITHOUT_WORDS))
def test_the_next_word_has_a_probability_for_every_word_with_every_architecture(architecture: str) -> None:
    parts = build(compose_config([f"architecture={architecture}", "task=next_word", f"max_len={T}"]))
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: 30}, trimmed={OWN_VIEW: False}
    )
    answers = model.predict(np.ones((2, T), np.int32), verbose=0)
    assert answers.shape == (2, 30)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    width = model.layers[-1].input.shape[-1]
    assert model.layers[-1].count_params() == 30 * (width + 1)


@pytest.mark.slow
def test_training_on_one_hot_vectors_never_holds_them_for_all_rows() -> None:
    """N × T × V floats would be 1.6 GB here; the process may not grow by a fifth of that."""
    script = """
import resource, sys
import numpy as np
from bitjaru.training.tensorflow_start import start_tensorflow
start_tensorflow()
from bitjaru.training.input_pipeline import Batches
from bitjaru.training.batches import Padded
from bitjaru.configuration import build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.training.model import build_model
N, T, V = 8_000, 100, 500
small = ["architecture=simplernn", "architecture/embedding=onehot", "architecture.units=8", f"max_len={T}"]
parts = build(compose_config(small))
sizes, trimmed = {"tokens": V}, {"tokens": False}
model = build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=trimmed)
def train(rows):
    ids = np.random.default_rng(0).integers(0, V, (rows, T), dtype=np.int32)
    model.fit(Batches(Examples(ids, ids[:, 0] % 2), trim=False).epoch(Padded(), 64, seed=0, epoch=1), verbose=0)
train(128)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
train(N)
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before), 4 * N * T * V)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    grown, materialised = map(int, done.stdout.split()[-2:])
    assert grown < materialised / 5
