"""Poolings skip masked tokens, and dropout of words and embeddings leaves answers alone."""

from typing import Any

import keras
import numpy as np
import pytest
from architectures.test_architectures import T, V, ids, model_of

from bitjaru.architectures.layers import TokenDropout
from bitjaru.architectures.pooling import Attention, Last, MaskedAverage, MaskedMax, RootSum
from bitjaru.architectures.windows import StrongestWindow
from bitjaru.data.vocabulary import PADDING

POOLINGS = [
    Last,
    MaskedAverage,
    MaskedMax,
    RootSum,
    Attention,
    lambda: StrongestWindow(6, 3),
    lambda: StrongestWindow(2, 5),
]
VECTORS = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
MASK = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)


@pytest.mark.parametrize("kind", POOLINGS)
def test_masked_tokens_are_as_if_they_were_not_there(kind: Any) -> None:
    layer = kind()
    pooled = keras.ops.convert_to_numpy(layer(VECTORS, mask=MASK))
    alone = keras.ops.convert_to_numpy(layer(VECTORS[:1, 2:]))
    np.testing.assert_allclose(pooled[:1], alone, atol=1e-6)
    np.testing.assert_allclose(pooled[1], keras.ops.convert_to_numpy(layer(VECTORS[1:2]))[0], atol=1e-6)


@pytest.mark.parametrize("kind", POOLINGS)
def test_an_empty_review_is_the_zero_vector(kind: Any) -> None:
    assert not np.any(keras.ops.convert_to_numpy(kind()(VECTORS, mask=MASK))[2])


def test_each_pooling_is_what_its_formula_says() -> None:
    def pooled(layer: Any) -> Any:
        return keras.ops.convert_to_numpy(layer(VECTORS, mask=MASK))[0]

    seen = VECTORS[0, 2:]
    np.testing.assert_allclose(pooled(MaskedMax()), seen.max(axis=0), atol=1e-6)
    np.testing.assert_allclose(pooled(MaskedAverage()), seen.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(pooled(RootSum()), seen.sum(axis=0) / np.sqrt(3), atol=1e-6)
    attention = Attention()
    weighed = pooled(attention)
    projection, bias, question = (keras.ops.convert_to_numpy(weight) for weight in attention.weights)
    scores = (np.tanh(seen @ projection + bias) @ question)[:, 0]
    shares = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(weighed, shares @ seen, atol=1e-5)


@pytest.mark.parametrize("architecture", ["simplernn", "lstm", "gru", "bilstm"])
def test_the_last_of_all_states_is_the_last_state(architecture: str) -> None:
    one = model_of(f"architecture={architecture}", "architecture.pooling=[last]")
    several = model_of(f"architecture={architecture}", "architecture.pooling=[last,max,mean,attention]")
    for name in [layer.name for layer in one.layers if layer.weights and layer.name != "head"]:
        several.get_layer(name).set_weights(one.get_layer(name).get_weights())
    inputs = ids(4)
    inputs[0, :7] = PADDING
    states = keras.Model(several.inputs, several.get_layer("pooling").output).predict(inputs, verbose=0)
    last = keras.Model(one.inputs, one.get_layer("head").input).predict(inputs, verbose=0)
    assert states.shape[1] == 4 * last.shape[1]
    np.testing.assert_allclose(states[:, : last.shape[1]], last, atol=1e-6)


def test_word_dropout_changes_only_words_and_only_while_training() -> None:
    layer = TokenDropout(0.5)
    inputs = np.concatenate([np.full((200, 5), PADDING), np.full((200, 5), 7)], axis=1).astype(np.int32)
    assert (keras.ops.convert_to_numpy(layer(inputs)) == inputs).all()
    dropped = keras.ops.convert_to_numpy(layer(inputs, training=True))
    assert (dropped[:, :5] == PADDING).all()
    assert 0.45 < (dropped[:, 5:] == 1).mean() < 0.55
    assert set(np.unique(dropped[:, 5:])) == {1, 7}


def test_no_pooling_is_refused_by_name() -> None:
    from bitjaru.errors import ConfigError

    with pytest.raises(ConfigError, match=r"architecture\.pooling"):
        model_of("architecture=lstm", "architecture.pooling=[]")
    with pytest.raises(ConfigError, match=r"architecture\.pooling.*'last', 'max', 'mean' or 'attention'"):
        model_of("architecture=lstm", "architecture.pooling=[median]")


@pytest.mark.slow
def test_a_model_with_every_knob_learns_and_is_saved(tmp_path: Any) -> None:
    model = model_of(
        "architecture=bilstm",
        "architecture.pooling=[max,attention]",
        "architecture.embedding.word_dropout=0.1",
        "architecture.embedding.dropout=0.3",
    )
    inputs = ids(128) % 40 + 3
    inputs[::2, -3], inputs[1::2, -3] = 1, 2
    model.fit(inputs, np.arange(128) % 2, epochs=12, batch_size=16, verbose=0)
    assert model.evaluate(inputs, np.arange(128) % 2, verbose=0)[1] > 0.9
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(loaded.predict(ids(4), verbose=0), model.predict(ids(4), verbose=0), atol=1e-6)
    assert (T, V) == (12, 50)


def test_a_bag_leaves_tokens_out_while_training_and_does_not_count_them() -> None:
    layer = RootSum(dropout=0.5)
    ones = np.ones((400, 40, 1), np.float32)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(layer(ones)), 40 / np.sqrt(40), rtol=1e-5)
    dropped = keras.ops.convert_to_numpy(layer(ones, training=True))
    left = dropped**2  # n / sqrt(n), squared
    np.testing.assert_allclose(left, np.round(left), atol=1e-3)
    assert 19 < left.mean() < 21


def test_the_strongest_window_is_what_its_formula_says() -> None:
    layer = StrongestWindow(6, 3)
    strongest = keras.ops.convert_to_numpy(layer(VECTORS, mask=MASK))[0]
    kernel, bias = (keras.ops.convert_to_numpy(weight) for weight in layer.weights)
    over = np.concatenate([np.zeros((2, 4)), VECTORS[0, 2:], np.zeros((2, 4))])
    answers = [np.einsum("ke,kef->f", over[start : start + 3], kernel) + bias for start in range(5)]
    np.testing.assert_allclose(strongest, np.maximum(np.max(answers, axis=0), 0), atol=1e-5)


def test_embedded_numbers_start_within_the_range_that_is_asked_for() -> None:
    model = model_of("architecture=lstm", "architecture.embedding.initializer_range=0.5")
    table = model.get_layer("embedding").get_weights()[0]
    assert 0.4 < np.abs(table).max() <= 0.5
