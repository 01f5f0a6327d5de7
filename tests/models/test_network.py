"""A trained network's file: what answers is kept, what only training needs is not."""

import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from bitjaru.configuration import build, compose_config
from bitjaru.models.network import MODEL, Network
from bitjaru.models.trust import keras_file
from bitjaru.training.model import build_model

V = 500


@pytest.mark.parametrize("architecture", [["architecture=lstm"], ["architecture=views"]], ids=["one view", "views"])
def test_a_file_holds_the_weights_once_and_nothing_of_the_optimizer(architecture: list[str], tmp_path: Path) -> None:
    parts = build(compose_config(["optimizer=adam", "max_len=6", *architecture]))
    keras.utils.set_random_seed(0)
    names = parts.reading.views
    model = build_model(
        parts.task,
        parts.reading,
        parts.optimizer,
        vocabulary_sizes=dict.fromkeys(names, V),
        trimmed=dict.fromkeys(names, False),
    )
    ids = np.random.default_rng(0).integers(1, V, (32, model.input_shape[1])).astype(np.int32)
    model.fit(ids, np.arange(32) % 2, verbose=0)
    Network(parts.task, parts.reading, {}, model).save(tmp_path)
    with zipfile.ZipFile(tmp_path / MODEL) as file, h5py.File(file.open("model.weights.h5")) as weights:
        assert "optimizer" not in weights
    assert (tmp_path / MODEL).stat().st_size < 4 * model.count_params() + 200_000
    keras_file.check(tmp_path / MODEL)
    loaded = keras.saving.load_model(tmp_path / MODEL, compile=False, safe_mode=True)
    np.testing.assert_allclose(loaded.predict(ids, verbose=0), model.predict(ids, verbose=0), rtol=0, atol=1e-6)
    assert model.optimizer.iterations == 1, "the model that is training goes on as it was"
