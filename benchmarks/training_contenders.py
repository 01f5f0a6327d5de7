"""Who takes part in `training.py`, bitjaru twice: with levers that change nothing but time, and with all of them."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from training_peers import WARM_UP, keras_epoch, torch_epoch

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.data.examples import Examples

Epoch = Callable[[str, dict[str, Any], int], dict[str, float]]
EXACT = ("architecture.implementation=fused", "trainer.steps_per_execution=16")
FAST = (*EXACT, "trainer=fast", "optimizer.embedding_update=rows")
SKIPPING = "architecture.embedding.mask=true"


def _exact(recipe: str, arrays: dict[str, Any], seed: int) -> dict[str, float]:
    return _epoch(recipe, EXACT, arrays, seed)


def _fast(recipe: str, arrays: dict[str, Any], seed: int) -> dict[str, float]:
    convolution = "cnn" in recipe  # cannot skip padding
    return _epoch(recipe, FAST if convolution else (*FAST, SKIPPING), arrays, seed)


def _epoch(recipe: str, overrides: Sequence[str], arrays: dict[str, Any], seed: int) -> dict[str, float]:
    parts = build(compose_config([f"experiment={recipe}", *overrides]))
    import keras

    from bitjaru.training.input_pipeline import Batches
    from bitjaru.training.model import build_model

    keras.utils.set_random_seed(seed)
    trainer = parts.trainer
    words = int(arrays["words"])
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: words}, trimmed=parts.trimmed
    )
    model.steps_per_execution = trainer.steps_per_execution
    train = Batches(Examples(arrays["x"], arrays["y"]), trim=parts.trims)
    warm_up = train.epoch(trainer.batches, trainer.batch_size, seed=seed, epoch=0)
    model.fit(warm_up.take(WARM_UP), shuffle=False, verbose=0)
    started = time.perf_counter()
    batches = train.epoch(trainer.batches, trainer.batch_size, seed=seed, epoch=1)
    model.fit(batches, shuffle=False, verbose=0)
    seconds = time.perf_counter() - started
    test = Batches(Examples(arrays["x_test"], arrays["y_test"]), trim=parts.trims).plain()
    return {"seconds": seconds, "accuracy": model.evaluate(test, verbose=0)[1]}


CONTENDERS: dict[str, Epoch] = {"keras": keras_epoch, "exact": _exact, "fast": _fast, "pytorch": torch_epoch}
TITLES = {
    "keras": "plain Keras",
    "exact": "bitjaru, the same mathematics",
    "fast": "bitjaru, fast",
    "pytorch": "PyTorch, sparse embedding",
}
