"""Training: what is kept, when it ends, and how it goes on after a crash."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from bitjaru.data.examples import Examples
from bitjaru.data.reviews import Splits
from bitjaru.errors import ConfigError, Stop, TrainingError
from bitjaru.tasks.sentiment import Sentiment
from bitjaru.training.batches import Padded
from bitjaru.training.epochs import Training, _Watch
from bitjaru.training.fit import Fit
from bitjaru.training.schedules import Constant
from bitjaru.training.trainer import EarlyStopping, Trainer

TASK = Sentiment(classes=("negative", "positive"))


def trainer(**changed: Any) -> Trainer:
    early: dict[str, Any] = {"monitor": "objective", "patience": None, "restore_best": True}
    early |= {name: changed.pop(name) for name in list(changed) if name in early}
    knobs: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 16,
        "checkpoint": False,
        "class_weights": False,
        "autotune": False,
        "batches": Padded(),
        "steps_per_execution": 1,
        "schedule": Constant(),
        "label_smoothing": 0.0,
        "adversarial_epsilon": 0.0,
    }
    return Trainer(early_stopping=EarlyStopping(**early), **(knobs | changed))


def data(valid: bool = True, noise: bool = False) -> Splits[Examples]:
    random = np.random.default_rng(0)
    inputs = random.integers(1, 20, (200, 6), dtype=np.int32)
    targets = (inputs[:, 0] > 9).astype(np.int32)
    held = random.integers(0, 2, 40).astype(np.int32) if noise else targets[160:]
    return Splits(Examples(inputs[:160], targets[:160]), Examples(inputs[160:], held) if valid else None, test=None)


def model(learning_rate: float = 1e-2) -> Any:
    keras.utils.set_random_seed(1)
    ids = keras.Input((6,), dtype="int32")
    hidden = keras.layers.Flatten()(keras.layers.Embedding(20, 4)(ids))
    hidden = keras.layers.Dropout(0.3)(hidden)
    made = keras.Model(ids, keras.layers.Dense(1, activation="sigmoid")(hidden))
    made.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])
    return made


def fit(
    trained: Any, folder: Path, *, listeners: Any = (), examples: Splits[Examples] | None = None, **knobs: Any
) -> Fit:
    return Training(trainer(**knobs), trained, examples or data(), TASK, seed=7, folder=folder).run(listeners)


def test_the_history_has_every_metric_of_every_epoch(tmp_path: Path) -> None:
    history = fit(model(), tmp_path).history
    assert set(history) == {"train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "seconds"}
    assert {len(values) for values in history.values()} == {3}


def test_listeners_hear_of_every_epoch_in_order(tmp_path: Path) -> None:
    heard: list[tuple[int, set[str]]] = []
    fit(model(), tmp_path, listeners=[lambda epoch, metrics: heard.append((epoch, set(metrics)))])
    assert [epoch for epoch, _ in heard] == [1, 2, 3]
    assert "valid_accuracy" in heard[0][1]


@pytest.mark.parametrize("steps", [1, 4])
def test_that_training_has_begun_is_told_once_and_before_an_epoch_ends(tmp_path: Path, steps: int) -> None:
    told: list[str] = []
    Training(trainer(steps_per_execution=steps), model(), data(), TASK, seed=7, folder=tmp_path).run(
        [lambda epoch, _: told.append(f"epoch {epoch}")], begun=lambda: told.append("begun")
    )
    assert told == ["begun", "epoch 1", "epoch 2", "epoch 3"]


def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    first, second = model(), model()
    fit(first, tmp_path)
    fit(second, tmp_path)
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_weights_of_the_best_epoch_are_kept(tmp_path: Path) -> None:
    trained = model(0.05)
    done = fit(trained, tmp_path, epochs=6, examples=data(noise=True))
    valid = data(noise=True).valid
    assert valid is not None
    kept = trained.evaluate(valid.inputs, valid.targets, verbose=0)[1]
    assert kept == pytest.approx(max(done.history["valid_accuracy"]))
    assert done.best_epoch == int(np.argmax(done.history["valid_accuracy"])) + 1


def test_without_restore_best_the_last_weights_stay(tmp_path: Path) -> None:
    done = fit(model(), tmp_path, restore_best=False)
    assert done.kept_epoch == 3
    assert done.best_epoch == int(np.argmax(done.history["valid_accuracy"])) + 1


def test_training_ends_when_patience_does(tmp_path: Path) -> None:
    done = fit(model(0.05), tmp_path, epochs=50, patience=2, monitor="loss", examples=data(noise=True))
    assert done.epochs < 50
    assert done.epochs - (int(np.argmin(done.history["valid_loss"])) + 1) == 2
    assert done.stopped is None


def test_early_stopping_without_a_validation_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no validation part"):
        fit(model(), tmp_path, patience=2, examples=data(valid=False))


def test_without_a_validation_part_the_last_epoch_counts(tmp_path: Path) -> None:
    done = fit(model(), tmp_path, examples=data(valid=False))
    assert done.best_epoch == 3
    assert set(done.history) == {"train_loss", "train_accuracy", "seconds"}


def test_a_listener_can_end_the_training(tmp_path: Path) -> None:
    def prune(epoch: int, metrics: Mapping[str, float]) -> None:
        if epoch == 2:
            raise Stop("pruned")

    done = fit(model(), tmp_path, listeners=[prune])
    assert (done.epochs, done.stopped) == (2, "pruned")


def test_an_interruption_keeps_what_was_learned(tmp_path: Path) -> None:
    def interrupt(epoch: int, metrics: Mapping[str, float]) -> None:
        raise KeyboardInterrupt

    done = fit(model(), tmp_path, listeners=[interrupt])
    assert (done.epochs, done.stopped, done.best_epoch) == (1, "interrupted", 1)


def test_a_loss_that_is_no_number_ends_the_run_with_advice(tmp_path: Path) -> None:
    broken = model()
    broken.set_weights([np.full_like(weights, np.nan) for weights in broken.get_weights()])
    with pytest.raises(TrainingError, match=r"train_loss.*nan in epoch 1.*learning_rate"):
        fit(broken, tmp_path)


def test_a_loss_that_is_no_number_is_noticed_however_many_steps_an_execution_has() -> None:
    watch = _Watch(1, lambda _: None, lambda: None)
    watch.on_train_batch_end(15, {"loss": 0.5})
    watch.on_train_batch_end(63, {"loss": float("nan")})  # less than 50 batches later
    with pytest.raises(TrainingError, match="nan"):
        watch.on_train_batch_end(79, {"loss": float("nan")})


def test_several_steps_an_execution_train_the_same_weights(tmp_path: Path) -> None:
    one, several = model(), model()
    first = fit(one, tmp_path)
    second = fit(several, tmp_path, steps_per_execution=4)
    assert second.history["train_loss"] == pytest.approx(first.history["train_loss"], abs=1e-5)
    for weights, expected in zip(several.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_allclose(weights, expected, atol=1e-5)


@pytest.mark.slow
def test_a_run_that_goes_on_from_its_checkpoint_ends_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    whole = model()
    expected = fit(whole, tmp_path / "whole", epochs=5, restore_best=False)

    def crash(epoch: int, metrics: Mapping[str, float]) -> None:
        if epoch == 2:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fit(model(), tmp_path / "broken", epochs=5, restore_best=False, checkpoint=True, listeners=[crash])
    resumed = model()
    done = fit(resumed, tmp_path / "broken", epochs=5, restore_best=False, checkpoint=True)
    assert done.history["train_loss"] == pytest.approx(expected.history["train_loss"], abs=1e-6)
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_damaged_checkpoint_is_told_and_the_run_starts_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(b"half a file")
    assert fit(model(), tmp_path, checkpoint=True).epochs == 3
    assert "starts anew" in caplog.text


def test_class_weights_make_a_rare_class_count(tmp_path: Path) -> None:
    inputs = np.ones((200, 6), np.int32)
    targets = (np.arange(200) < 20).astype(np.int32)
    trained = model(0.05)
    rare = Splits(Examples(inputs, targets), None, None)
    fit(trained, tmp_path, class_weights=True, epochs=20, examples=rare, batch_size=200)
    assert trained.predict(inputs[:1], verbose=0)[0, 0] == pytest.approx(0.5, abs=0.1)
