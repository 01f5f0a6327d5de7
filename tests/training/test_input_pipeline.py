"""Batches: which rows share one, and that a cut batch says the same as a padded one."""

from typing import Any

import keras
import numpy as np
import pytest
from options import options

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.errors import ConfigError
from bitjaru.training.batches import Batching, LikeLength, Padded, Trimmed
from bitjaru.training.input_pipeline import Batches
from bitjaru.training.model import build_model

N, T, B, V = 103, 12, 8, 40
LENGTHS = np.random.default_rng(0).integers(1, T + 1, N)
BATCHINGS: list[Batching] = [Padded(), Trimmed(unmasked="refuse"), LikeLength(pool=3, unmasked="refuse")]
each_batching = pytest.mark.parametrize("batching", BATCHINGS, ids=lambda batching: type(batching).__name__)


def examples(padding: str) -> Examples:
    ids = np.random.default_rng(1).integers(1, V, (N, T), dtype=np.int32)
    columns, lengths = np.arange(T), LENGTHS[:, None]
    ids[columns < T - lengths if padding == "pre" else columns >= lengths] = 0
    ids[:, 0 if padding == "post" else -1] = np.arange(N) % (V - 1) + 1
    ids[5] = 0  # an empty review
    return Examples(ids, np.arange(N, dtype=np.int32))


def seen(batches: Any) -> list[tuple[Any, Any]]:
    return [(np.asarray(inputs), np.asarray(targets)) for inputs, targets in batches]


@each_batching
def test_an_epoch_sees_every_example_once_in_an_order_of_seed_and_epoch(batching: Batching) -> None:
    batches = Batches(examples("pre"), trim=False)
    one, again, other = (
        [targets.tolist() for _, targets in seen(batches.epoch(batching, B, seed=1, epoch=epoch))]
        for epoch in (1, 1, 2)
    )
    assert one == again
    assert one != other
    assert [len(batch) for batch in one] == [B] * (N // B) + [N % B]
    assert sorted(row for batch in one for row in batch) == list(range(N))


@pytest.mark.parametrize("padding", ["pre", "post"])
@each_batching
def test_a_cut_batch_lacks_nothing_but_columns_that_are_padding_in_every_row(batching: Batching, padding: str) -> None:
    data = examples(padding)
    for inputs, targets in seen(Batches(data, trim=True).epoch(batching, B, seed=1, epoch=1)):
        whole = data.inputs[targets]
        assert inputs.shape[1] == max(1, (whole != 0).sum(axis=1).max())
        kept = whole[:, -inputs.shape[1] :] if padding == "pre" else whole[:, : inputs.shape[1]]
        np.testing.assert_array_equal(inputs, kept)


def test_batches_of_like_length_carry_little_padding() -> None:
    def columns(batching: Batching) -> int:
        return sum(
            inputs.size for inputs, _ in seen(Batches(examples("pre"), trim=True).epoch(batching, B, seed=1, epoch=1))
        )

    assert columns(LikeLength(pool=20, unmasked="refuse")) < 1.2 * LENGTHS.sum() < columns(Trimmed(unmasked="refuse"))


def test_for_evaluation_every_example_comes_once() -> None:
    for trim in (False, True):
        targets = np.concatenate([targets for _, targets in seen(Batches(examples("pre"), trim=trim).plain())])
        assert sorted(targets.tolist()) == list(range(N))


def weights_after_an_epoch(architecture: str, *, trim: bool, steps_per_execution: int = 1) -> list[Any]:
    small = [f"max_len={T}", "architecture.embedding.width=6", "architecture.units=5", "optimizer.learning_rate=0.01"]
    parts = build(compose_config([f"architecture={architecture}", *small]))
    keras.utils.set_random_seed(0)
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: V}, trimmed={OWN_VIEW: trim}
    )
    model.steps_per_execution = steps_per_execution
    data = examples("pre")
    batches = Batches(Examples(data.inputs, data.targets % 2), trim=trim)
    model.fit(batches.epoch(Trimmed(unmasked="refuse"), B, seed=1, epoch=1), shuffle=False, verbose=0)
    return list(model.get_weights())


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["gru", "bilstm"])
def test_cut_batches_train_the_weights_that_padded_ones_train_dropout_and_all(architecture: str) -> None:
    padded = weights_after_an_epoch(architecture, trim=False)
    cut = weights_after_an_epoch(architecture, trim=True, steps_per_execution=4)
    for one, other in zip(padded, cut, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)  # a rounding of 1e-7 in a gradient, after Adam's 13 steps


def test_batches_of_all_lengths_share_one_graph() -> None:
    traced = []

    class Noting(keras.layers.Layer):  # type: ignore[misc]
        def call(self, ids: Any) -> Any:
            traced.append(ids.shape)
            return keras.ops.mean(keras.ops.cast(ids, "float32"), axis=1, keepdims=True)

    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, keras.layers.Dense(1)(Noting()(ids)))
    model.compile("sgd", "mse")
    batches, batching = Batches(examples("pre"), trim=True), LikeLength(pool=3, unmasked="refuse")
    traced.clear()
    for epoch in range(3):
        model.fit(batches.epoch(batching, B, seed=1, epoch=epoch), shuffle=False, verbose=0)
    assert len(traced) == 1


@pytest.mark.parametrize("architecture", [name for name in options("architecture") if "cnn" in name])
@pytest.mark.parametrize("batches", ["trimmed", "like_length"])
def test_a_model_that_reads_the_padding_is_padded_or_refused(architecture: str, batches: str) -> None:
    chosen = [f"architecture={architecture}", f"trainer/batches={batches}"]
    assert not build(compose_config(chosen)).trims
    with pytest.raises(ConfigError, match=r"skips padding.*trainer\.batches\.unmasked=pad"):
        build(compose_config([*chosen, "trainer.batches.unmasked=refuse"]))


def test_the_end_of_an_epoch_waits_for_no_thread_that_tunes() -> None:
    assert not build(compose_config([])).trainer.autotune
    made = Batches(examples("pre"), trim=True)
    for batches in (made.epoch(BATCHINGS[0], B, seed=1, epoch=1), made.plain()):
        assert batches.options().autotune.enabled is False


def test_tuning_changes_no_batch() -> None:
    tuned, untuned = (
        Batches(examples("pre"), trim=True, autotune=autotune).epoch(BATCHINGS[2], B, seed=1, epoch=1)
        for autotune in (True, False)
    )
    assert tuned.options().autotune.enabled is True
    for ours, theirs in zip(seen(tuned), seen(untuned), strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
