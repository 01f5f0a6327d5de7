"""Answering: in the order of the reviews, and the same whether padding is cut off or not."""

import time
from typing import Any

import keras
import numpy as np
import pytest

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.training.evaluation import BATCH, FLOAT, ONE_HOT, TIMED_REVIEWS, milliseconds_per_review, predict
from bitjaru.training.model import build_model

T, V = 9, 30


def model(length: int | None) -> Any:
    parts = build(
        compose_config([f"max_len={T}", "architecture=gru", "architecture.units=4", "architecture.embedding.mask=true"])
    )
    keras.utils.set_random_seed(1)
    return build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: V}, trimmed={OWN_VIEW: length is None}
    )


def reviews(count: int, padding: str) -> Any:
    random = np.random.default_rng(0)
    ids = random.integers(1, V, (count, T), dtype=np.int32)
    lengths = random.integers(0, T + 1, count)[:, None]  # empty ones too
    columns = np.arange(T)
    ids[columns < T - lengths if padding == "pre" else columns >= lengths] = 0
    return ids


@pytest.mark.parametrize("padding", ["pre", "post"])
def test_a_model_of_any_length_answers_cut_reviews_as_one_of_fixed_length_answers_padded_ones(padding: str) -> None:
    inputs = reviews(2 * BATCH + 3, padding)
    np.testing.assert_allclose(predict(model(None), inputs), predict(model(T), inputs), atol=1e-6)


def test_a_model_of_any_length_is_not_given_the_padding_that_all_reviews_of_a_batch_have() -> None:
    seen: list[int] = []
    spied = model(None)
    answer = spied.predict_on_batch

    def spy(inputs: Any) -> Any:
        seen.append(inputs.shape[1])
        return answer(inputs)

    spied.predict_on_batch = spy
    inputs = reviews(3 * BATCH, "pre")
    predict(spied, inputs)
    assert seen == sorted(seen)
    assert seen[0] < T
    assert seen[-1] == T


def test_no_reviews_have_no_answers() -> None:
    assert predict(model(None), reviews(0, "pre")).shape == (0, 1)
    assert predict(model(T), reviews(0, "pre")).shape == (0, 1)


def one_hot(vocabulary_size: int) -> Any:
    parts = build(
        compose_config([f"max_len={T}", "architecture=gru", "architecture.units=4", "architecture/embedding=onehot"])
    )
    keras.utils.set_random_seed(1)
    return build_model(
        parts.task,
        parts.reading,
        parts.optimizer,
        vocabulary_sizes={OWN_VIEW: vocabulary_size},
        trimmed={OWN_VIEW: False},
    )


@pytest.mark.parametrize(("words", "most"), [(V, BATCH), (3_000, ONE_HOT // (FLOAT * T * 3_000)), (10**6, 1)])
def test_one_hot_vectors_of_a_batch_stay_below_a_number_of_bytes(words: int, most: int) -> None:
    seen: list[int] = []
    spied = one_hot(words)

    def spy(inputs: Any) -> Any:
        seen.append(len(inputs))
        return np.zeros((len(inputs), 1))

    spied.predict_on_batch = spy
    count = 2 * BATCH if most > 1 else 3
    assert len(predict(spied, reviews(count, "pre"))) == count
    assert max(seen) == most


def test_one_hot_reviews_are_answered_alike_in_batches_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, inputs = one_hot(V), reviews(50, "pre")
    together = predict(asked, inputs)
    monkeypatch.setattr("bitjaru.training.evaluation.ONE_HOT", 7 * FLOAT * T * V)
    np.testing.assert_allclose(predict(asked, inputs), together, atol=1e-6)


@pytest.mark.parametrize(("seconds", "asked"), [(0.0, 4), (3.0, 2)])
def test_speed_is_that_of_many_reviews_together_and_a_slow_model_is_asked_twice(
    seconds: float, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rows = [0.0], []

    def answer(inputs: Any) -> Any:
        clock[0] += seconds
        rows.append(len(inputs))
        return np.zeros((len(inputs), 1))

    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    inputs = reviews(TIMED_REVIEWS + 1, "pre")
    examples = Examples(inputs=inputs, targets=np.zeros(len(inputs), np.int32))
    assert milliseconds_per_review(answer, examples) == pytest.approx(1_000 * seconds / TIMED_REVIEWS)
    assert rows == [TIMED_REVIEWS] * asked
