"""Every architecture as an ONNX graph, beside Keras: the same answers, or refused by name."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from options import options

from bitjaru.architectures import FittedAtOnce
from bitjaru.configuration import build, compose_config
from bitjaru.errors import BundleError
from bitjaru.export.network import network_graph
from bitjaru.models.exported.onnx_network import OnnxNetwork
from bitjaru.training.model import build_model

T, V = 9, 40
TOLERANCE = 2e-6
SHORTER = {name: [f"architecture.views.ngrams.max_len={T}"] for name in ("ngrams", "views")}
EVERY_POOLING = "architecture.pooling=[last,max,mean,attention]"
THREE_CLASSES = "task.classes=[bad,fair,good]"
VARIANTS = [
    ["architecture=lstm", EVERY_POOLING, "architecture.layers=2"],
    ["architecture=gru", EVERY_POOLING, "architecture.layers=2", "architecture.implementation=keras"],
    ["architecture=simplernn", "architecture.layers=2", "architecture.pooling=[mean]"],
    ["architecture=bilstm", EVERY_POOLING, "architecture.layers=2", "architecture.embedding.word_dropout=0.1"],
    ["architecture=gru", "architecture.bidirectional=true", "architecture.layers=2", THREE_CLASSES],
    ["architecture=lstm", "architecture.implementation=keras", "architecture.recurrent_dropout=0.1"],
    ["architecture=lstm", EVERY_POOLING, "architecture.embedding.mask=false"],
    ["architecture=bilstm", EVERY_POOLING, "architecture.embedding.mask=false"],
    ["architecture=simplernn", "architecture/embedding=onehot"],
    ["architecture=cnn", "architecture.embedding.mask=true", "architecture.readout.units=5", THREE_CLASSES],
    ["architecture=cnn_lstm", "architecture.cell=gru", "architecture.layers=2"],
    ["architecture=average", "architecture.embedding.mask=false", "architecture.readout.activation=tanh"],
    ["architecture=bag", "architecture.embedding.mask=false"],
    ["architecture=bag", "architecture.token_dropout=0.3", "architecture.embedding.dropout=0.2"],
    [
        "architecture=views",
        "architecture/view@architecture.views=[syllables,tokens,ngrams]",
        f"architecture.views.syllables.max_len={T}",
        f"architecture.views.ngrams.max_len={T}",
        "architecture.readout.units=5",
    ],
]


def networks() -> list[list[str]]:
    """Every option that becomes a Keras model, as it stands."""
    names = [
        name
        for name in options("architecture")
        if not isinstance(build(compose_config([f"architecture={name}"])).architecture, FittedAtOnce)
    ]
    return [[f"architecture={name}", *SHORTER.get(name, [])] for name in names]


def model_of(*overrides: str, trimmed: bool = True) -> Any:
    """A network whose weights are all drawn, biases included."""
    small = [] if "architecture=views" in overrides or "architecture=ngrams" in overrides else [f"max_len={T}"]
    parts = build(compose_config(["optimizer=adam", f"max_len={T}", *small, *overrides]))
    masks = all(view.encoder.embedding.mask for view in parts.reading.views.values())
    views = parts.reading.views
    model = build_model(
        parts.task,
        parts.reading,
        parts.optimizer,
        vocabulary_sizes=dict.fromkeys(views, V),
        trimmed=dict.fromkeys(views, trimmed and masks),
    )
    draws = np.random.default_rng(1)
    scales = [1 / np.sqrt(np.prod(weight.shape[:-1])) if weight.ndim > 1 else 0.1 for weight in model.get_weights()]
    drawn = [draws.normal(0, scale, each.shape) for scale, each in zip(scales, model.get_weights(), strict=True)]
    model.set_weights([each.astype(np.float32) for each in drawn])
    return model


def reviews(length: int) -> Any:
    """Padded in front, behind, on both sides, with holes, full and empty."""
    draws = np.random.default_rng(2)
    ids = draws.integers(1, V, (40, length), dtype=np.int32)
    steps = np.arange(length)
    known = draws.integers(1, length, 40)
    ids[:10][steps[None, :] < length - known[:10, None]] = 0
    ids[10:20][steps[None, :] >= known[10:20, None]] = 0
    ids[20:25, [0, 1, -1]] = 0
    ids[25:32][draws.random((7, length)) < 0.5] = 0
    ids[32:34] = 0
    return ids


def exported(model: Any, folder: Path, length: int) -> OnnxNetwork:
    (folder / "model.onnx").write_bytes(network_graph(model, length=length).SerializeToString())
    return OnnxNetwork(folder / "model.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("overrides", [*networks(), *VARIANTS], ids=" ".join)
def test_a_graph_answers_as_keras_does_wherever_padding_stands(overrides: list[str], tmp_path: Path) -> None:
    model = model_of(*overrides)
    ids = reviews(model.input_shape[1] or T)
    graph = exported(model, tmp_path, ids.shape[1])
    expected = model.predict_on_batch(ids)
    assert np.ptp(expected[:, 0]) > 0.01
    np.testing.assert_allclose(graph.predict(ids), expected, atol=TOLERANCE)
    np.testing.assert_allclose(graph.predict(ids[33:34]), model.predict_on_batch(ids[33:34]), atol=TOLERANCE)
    assert graph.count_params() == model.count_params()


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (keras.layers.GRU(3, reset_after=False, name="mine"), r"`mine` \(GRU\) with reset_after=False"),
        (keras.layers.LSTM(3, activation="relu", name="mine"), r"`mine` \(LSTM\) with activation='relu'"),
        (keras.layers.LSTM(3, go_backwards=True, name="mine"), r"`mine` \(LSTM\) with go_backwards=True"),
        (keras.layers.Bidirectional(keras.layers.LSTM(3), merge_mode="sum", name="mine"), "merge_mode='sum'"),
        (keras.layers.Flatten(name="mine"), "layer `mine`, a Flatten"),
        (keras.layers.Dense(3, activation="gelu", name="mine"), "layer `mine`, a Dense as it is set"),
        (keras.layers.Conv1D(3, 2, padding="causal", name="mine"), "layer `mine`, a Conv1D as it is set"),
    ],
    ids=str,
)
def test_what_cannot_be_exported_is_refused_by_name(layer: Any, said: str) -> None:
    ids = keras.Input((T,), dtype="int32", name="ids")
    model = keras.Model(ids, layer(keras.layers.Embedding(V, 4)(ids)))
    with pytest.raises(BundleError, match=f"{said}.*--to folder"):
        network_graph(model, length=T)
