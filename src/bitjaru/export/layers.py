"""Every other layer, and which function writes which."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from bitjaru.architectures import layers as own
from bitjaru.architectures import pooling as poolings
from bitjaru.architectures.fused import layers as fused
from bitjaru.architectures.windows import StrongestWindow
from bitjaru.errors import BundleError
from bitjaru.export import pooling
from bitjaru.export.graph import Graph
from bitjaru.export.masks import INT64
from bitjaru.export.recurrent import bidirectional, recurrent

Writer = Callable[[Graph, Any, str, str | None], str]  # graph, layer, input, mask; returns the output's name
ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax", "linear": "Identity"}
SAME = {"same": "SAME_UPPER", "valid": "VALID"}


def as_it_is(graph: Graph, layer: Any, values: str, mask: str | None) -> str:
    """Writes nothing: what a layer does while training alone."""
    del graph, layer, mask
    return values


def embedding(graph: Graph, layer: Any, ids: str, mask: str | None) -> str:
    """Writes `Embedding`."""
    del mask
    return graph.node("Gather", graph.constant(layer.embeddings.numpy()), ids)


def one_hot(graph: Graph, layer: Any, ids: str, mask: str | None) -> str:
    """Writes `OneHot`."""
    del mask
    depth, values = graph.constant(layer.vocabulary_size, "int64"), graph.constant([0, 1], "float32")
    return graph.node("OneHot", graph.node("Cast", ids, to=INT64), depth, values)


def columns(graph: Graph, layer: Any, ids: str, mask: str | None) -> str:
    """Writes `Columns`. Padding of the whole batch stays: it changes no answer of a layer that may do without."""
    del mask
    bounds = (graph.constant([each], "int64") for each in (layer.start, layer.stop, 1))
    return graph.node("Slice", ids, *bounds)


def dense(graph: Graph, layer: Any, features: str, mask: str | None) -> str:
    """Writes `Dense`."""
    del mask
    product = graph.node("MatMul", features, graph.constant(layer.kernel.numpy()))
    return _activated(graph, layer, graph.node("Add", product, graph.constant(layer.bias.numpy())))


def convolution(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `Conv1D`."""
    if mask is not None or layer.padding not in SAME or {*layer.strides, *layer.dilation_rate, layer.groups} != {1}:
        raise unknown(layer)
    kernel = graph.constant(layer.kernel.numpy().transpose(2, 1, 0))
    turned = graph.node("Transpose", vectors, perm=[0, 2, 1])
    answers = graph.node("Conv", turned, kernel, graph.constant(layer.bias.numpy()), auto_pad=SAME[layer.padding])
    return _activated(graph, layer, graph.node("Transpose", answers, perm=[0, 2, 1]))


def shortened(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `MaxPooling1D`."""
    if mask is not None or layer.padding != "valid":
        raise unknown(layer)
    turned = graph.node("Transpose", vectors, perm=[0, 2, 1])
    pooled = graph.node("MaxPool", turned, kernel_shape=list(layer.pool_size), strides=list(layer.strides))
    return graph.node("Transpose", pooled, perm=[0, 2, 1])


def strongest(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `GlobalMaxPooling1D`, which sees masked steps as Keras's does."""
    del mask
    return pooling.largest(graph, layer, vectors, None)


def joined(graph: Graph, layer: Any, values: Sequence[str]) -> str:
    """Writes `Concatenate`."""
    return graph.node("Concat", *values, axis=layer.axis)


WRITERS: Mapping[type, Writer] = {
    own.TokenDropout: as_it_is,
    keras.layers.Dropout: as_it_is,
    keras.layers.Embedding: embedding,
    own.Embedding: embedding,
    own.OneHot: one_hot,
    own.Columns: columns,
    keras.layers.Dense: dense,
    keras.layers.Conv1D: convolution,
    keras.layers.MaxPooling1D: shortened,
    keras.layers.GlobalMaxPooling1D: strongest,
    StrongestWindow: pooling.strongest_window,
    poolings.MaskedAverage: pooling.average,
    poolings.MaskedMax: pooling.largest,
    poolings.RootSum: pooling.root_sum,
    poolings.Attention: pooling.attention,
    poolings.Last: pooling.last,
    keras.layers.Bidirectional: bidirectional,
    **{getattr(room, name): recurrent for room in (keras.layers, fused) for name in ("SimpleRNN", "LSTM", "GRU")},
}


def unknown(layer: Any) -> BundleError:
    """Returns the error for a layer that cannot be exported."""
    known = sorted({kind.__name__ for kind in WRITERS} | {"Concatenate"})
    return BundleError(
        f"Every layer must be one that can be exported. Received: layer `{layer.name}`, a {type(layer).__name__} as it "
        f"is set. These can be: {', '.join(known)}. Export the model with `--to folder`, which keeps Keras's file."
    )


def _activated(graph: Graph, layer: Any, values: str) -> str:
    name = keras.activations.serialize(layer.activation)
    if name not in ACTIVATIONS or not layer.use_bias:
        raise unknown(layer)
    return graph.node(ACTIVATIONS[name], values)
