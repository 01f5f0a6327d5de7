"""A Keras model as an ONNX graph: layer by layer, in the order in which they hang together."""

from collections.abc import Mapping
from typing import Any

import keras

from bitjaru.export.graph import Graph
from bitjaru.export.layers import WRITERS, joined, unknown
from bitjaru.models.exported.graph import ROWS_AT_ONCE, WEIGHTS
from bitjaru.training.evaluation import BATCH, rows_at_once


def network_graph(model: keras.Model, *, length: int) -> Any:
    """Writes a model, ids (B, T) to probabilities (B, O).

    Args:
        model: As it was trained.
        length: T at most.

    Raises:
        BundleError: If a layer cannot be exported; names it.
    """
    graph = Graph()
    steps = model.input_shape[1]
    ids = graph.input("ids", ["reviews", steps or "tokens"], "int32")
    answer = _Written(graph, model, ids).answer()
    facts = {WEIGHTS: model.count_params(), ROWS_AT_ONCE: rows_at_once(model, BATCH, length=length)}
    return graph.model(answer, model.output_shape[1], facts)


class _Written:
    """The values of a model's layers, each written when it is asked for.

    Args:
        graph: To write to.
        model: Of Keras's functional kind.
        ids: Name of its input.
    """

    def __init__(self, graph: Graph, model: keras.Model, ids: str) -> None:
        config = model.get_config()
        if "output_layers" not in config:
            raise unknown(model)
        self._graph = graph
        self._operations = {operation.name: operation for operation in model.operations}
        self._entries: Mapping[str, Any] = {entry["name"]: entry for entry in config["layers"]}
        self._output = _name(config["output_layers"])
        self._values = {_name(config["input_layers"]): ids}

    def answer(self) -> str:
        """Returns the name of the model's output."""
        return self._value(self._output)

    def _value(self, name: str) -> str:
        if name not in self._values:
            self._values[name] = self._write(self._operations[name], self._entries[name])
        return self._values[name]

    def _write(self, operation: Any, entry: Any) -> str:
        calls = entry["inbound_nodes"]
        if len(calls) != 1:
            raise unknown(operation)  # shared by several, or another input
        (given, *more), mask = calls[0]["args"], calls[0]["kwargs"].get("mask")
        if isinstance(operation, keras.layers.Concatenate):
            return joined(self._graph, operation, [self._value(_source(each)) for each in given])
        value = self._value(_source(given))
        if entry["class_name"] == "NotEqual":  # a mask that Keras made
            same = self._graph.node("Equal", value, self._graph.constant(more[0], "int32"))
            return self._graph.node("Not", same)
        if isinstance(operation, keras.Model):
            return _Written(self._graph, operation, value).answer()
        if (writer := WRITERS.get(type(operation))) is None or more:
            raise unknown(operation)
        return writer(self._graph, operation, value, None if mask is None else self._value(_source(mask)))


def _name(ends: Any) -> str:
    """Returns the layer of a model's only input or output."""
    name: str = ends[0] if isinstance(ends[0], str) else ends[0][0]
    return name


def _source(tensor: Any) -> str:
    """Returns the name of the layer that a tensor of a model's config comes from."""
    name: str = tensor["config"]["keras_history"][0]
    return name
