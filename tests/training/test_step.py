"""Smoothed labels, words moved against the model, and learning rates that change."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.data.reviews import Splits
from bitjaru.errors import ConfigError, Stop
from bitjaru.training.epochs import Training
from bitjaru.training.model import build_model
from bitjaru.training.step import Step, embeddings, moved_by

N, T, V = 96, 7, 30
RANDOM = np.random.default_rng(0)
EXAMPLES = Examples(RANDOM.integers(1, V, (N, T), dtype=np.int32), RANDOM.integers(0, 2, N).astype(np.int32))
SMALL = [f"max_len={T}", "architecture.units=5", "architecture.embedding.width=4", "architecture.dropout=0"]


def model_of(*overrides: str) -> Any:
    parts = build(compose_config([*SMALL, *overrides]))
    keras.utils.set_random_seed(1)
    sizes, trimmed = dict.fromkeys(parts.reading.views, V), dict.fromkeys(parts.reading.views, False)
    return build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=trimmed)


def train(folder: Path, *overrides: str, listener: Any = None) -> tuple[Any, Any]:
    parts = build(compose_config([*SMALL, "trainer.early_stopping.patience=null", "trainer.batch_size=16", *overrides]))
    model = model_of(*overrides)
    training = Training(parts.trainer, model, Splits(EXAMPLES, None, None), parts.task, seed=1, folder=folder)
    return training.run([] if listener is None else [listener]), model


def loss_of(model: Any, embedded_change: Any = None) -> float:
    """The loss by hand, where the embedded words may be changed."""
    table = model.get_weights()[0]
    embedded = table[EXAMPLES.inputs] + (0 if embedded_change is None else embedded_change)
    vectors = keras.Input(embedded.shape[1:])
    through = model.get_layer("head")(model.get_layer("lstm_1")(vectors))
    probabilities = keras.Model(vectors, through)(embedded)
    return float(keras.losses.binary_crossentropy(EXAMPLES.targets[:, None], probabilities).numpy().mean())


def gradients_of(step: Step, model: Any) -> list[Any]:
    """What a step hands to the optimizer."""
    seen: list[Any] = []
    model.optimizer.apply_gradients = seen.extend
    step((tf.constant(EXAMPLES.inputs), tf.constant(EXAMPLES.targets)))
    return [tf.convert_to_tensor(gradient).numpy() for gradient, _ in seen]


def test_smoothed_labels_have_the_gradient_of_labels_between_the_classes() -> None:
    model = model_of("architecture=lstm", "architecture.embedding.mask=false")
    got = gradients_of(Step(model, label_smoothing=0.2, adversarial_epsilon=0.0), model)
    between = EXAMPLES.targets * 0.8 + 0.1
    with tf.GradientTape() as tape:
        answers = model(EXAMPLES.inputs, training=True)
        loss = tf.reduce_mean(keras.losses.binary_crossentropy(between[:, None], answers))
    for one, other in zip(got, tape.gradient(loss, model.trainable_variables), strict=True):
        np.testing.assert_allclose(one, tf.convert_to_tensor(other).numpy(), atol=1e-6)


def test_moved_words_go_where_the_loss_of_their_review_grows_by_epsilon_each() -> None:
    model = model_of("architecture=lstm", "architecture.embedding.mask=false")
    (layer,) = embeddings(model)
    moved: list[Any] = []
    step = Step(model, label_smoothing=0.0, adversarial_epsilon=0.3)
    original = step._of_moved_words

    def spy(inputs: Any, targets: Any, weights: Any, directions: Any) -> Any:
        moved.extend(directions)
        return original(inputs, targets, weights, directions)

    step._of_moved_words = spy  # type: ignore[method-assign]
    gradients_of(step, model)
    direction = moved[0].numpy()
    assert direction.shape == (N, T, 4)
    change = 0.3 * direction / np.sqrt((direction**2).sum(axis=(1, 2), keepdims=True))
    assert loss_of(model, change) > loss_of(model)
    small = 1e-2
    slope = (loss_of(model, small * change) - loss_of(model, -small * change)) / (2 * small)
    assert slope == pytest.approx((direction * change).sum(), rel=0.02)
    assert layer.moved_by is None
    embedded = RANDOM.normal(size=direction.shape).astype(np.float32) * 3
    shift = np.asarray(moved_by(0.3, tf.constant(embedded), tf.constant(direction)))
    np.testing.assert_allclose(np.sqrt((shift**2).sum(axis=(1, 2))), 0.3 * np.sqrt((embedded**2).mean()), rtol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["lazy_adam", "adamw"])
def test_an_adversarial_training_learns_with_every_kind_of_step(tmp_path: Path, optimizer: str) -> None:
    overrides = [f"optimizer={optimizer}", "architecture=gru", "trainer.epochs=2", "trainer.steps_per_execution=2"]
    fit, model = train(tmp_path, *overrides, "trainer.adversarial_epsilon=1.0", "trainer.label_smoothing=0.1")
    plain, _ = train(tmp_path, *overrides)
    assert fit.history["train_loss"][1] < fit.history["train_loss"][0]
    assert fit.history["train_loss"] != plain.history["train_loss"]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(
        loaded.predict(EXAMPLES.inputs, verbose=0), model.predict(EXAMPLES.inputs, verbose=0), atol=1e-6
    )


@pytest.mark.slow
def test_every_view_is_moved(tmp_path: Path) -> None:
    small = [
        "architecture=views",
        "architecture/view@architecture.views=[tokens,syllables]",
        "architecture.views.tokens.encoder.units=3",
        "architecture.views.syllables.max_len=9",
    ]
    parts = build(compose_config([f"max_len={T}", *small, "trainer.adversarial_epsilon=1.0"]))
    keras.utils.set_random_seed(1)
    sizes = dict.fromkeys(parts.reading.views, V)
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=dict.fromkeys(sizes, True)
    )
    assert len(embeddings(model)) == 2
    model.train_step = Step(model, label_smoothing=0.0, adversarial_epsilon=1.0)
    inputs = RANDOM.integers(0, V, (32, T + 9), dtype=np.int32)
    before = model.get_weights()
    model.fit(inputs, np.arange(32) % 2, epochs=1, verbose=0)
    assert all((one != other).any() for one, other in zip(before, model.get_weights(), strict=True) if one.size > 1)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "lazy_adam"])
@pytest.mark.parametrize(
    ("schedule", "rate"),
    [
        (["trainer/schedule=constant"], lambda _: 1.0),
        (["trainer/schedule=linear", "trainer.schedule.final=0.1"], lambda share: 1 - 0.9 * share),
        (["trainer/schedule=cosine"], lambda share: (1 + math.cos(math.pi * share)) / 2),
        (["trainer/schedule=cosine", "trainer.schedule.warmup=0.5"], lambda share: 2 * share),
    ],
)
def test_the_learning_rate_is_what_its_schedule_says(tmp_path: Path, optimizer: str, schedule: Any, rate: Any) -> None:
    rates: list[float] = []

    def note(epoch: int, metrics: Any) -> None:
        rates.append(float(model.optimizer.learning_rate))

    model = model_of(f"optimizer={optimizer}")
    start = float(model.optimizer.learning_rate)
    overrides = ["trainer.epochs=4", "trainer.batch_size=16", "trainer.early_stopping.patience=null", *schedule]
    parts = build(compose_config(overrides))
    Training(parts.trainer, model, Splits(EXAMPLES, None, None), parts.task, seed=1, folder=tmp_path).run([note])
    assert rates[1] == pytest.approx(start * rate(0.5), rel=1e-4)
    assert int(model.optimizer.iterations) == 24


@pytest.mark.slow
def test_a_training_that_goes_on_goes_on_along_its_schedule(tmp_path: Path) -> None:
    overrides = ["trainer/schedule=cosine", "trainer.epochs=4", "trainer.checkpoint=true", "architecture=gru"]

    def stop(epoch: int, metrics: Any) -> None:
        if epoch == 2:
            raise Stop("interrupted")

    _, whole = train(tmp_path / "whole", *overrides)
    train(tmp_path / "broken", *overrides, listener=stop)
    fit, resumed = train(tmp_path / "broken", *overrides)
    assert fit.epochs == 4
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_knobs_that_do_not_suit_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"`trainer\.label_smoothing` is for tasks with classes"):
        build(compose_config(["task=next_word", "trainer.label_smoothing=0.1"]))
    onehot = ["architecture=simplernn", "architecture/embedding=onehot", "trainer.adversarial_epsilon=1.0"]
    with pytest.raises(ConfigError, match=r"`trainer\.adversarial_epsilon` moves words in a learned embedding"):
        build(compose_config(onehot))
    assert OWN_VIEW in build(compose_config(onehot[:2])).reading.views
