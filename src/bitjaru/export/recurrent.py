"""Recurrent layers, one way or both, as ONNX's own `RNN`, `LSTM` and `GRU`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitjaru.errors import BundleError
from bitjaru.export.graph import Graph
from bitjaru.export.masks import Tokens, number, tokens_of

OPERATORS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}
# Keras's gates in ONNX's order: LSTM i f c o to i o f c; GRU z r h as it is.
GATES = {"RNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (0, 1, 2)}
MUST_BE = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "use_bias": True,
    "reset_after": True,
    "go_backwards": False,
    "stateful": False,
    "return_state": False,
}


def recurrent(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes a recurrent layer.

    Raises:
        BundleError: If it has other equations than Keras's own.
    """
    return _written(graph, [layer], vectors, mask)


def bidirectional(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes a recurrent layer and its like that reads from the end, side by side.

    Raises:
        BundleError: If they are joined otherwise, or have other equations than Keras's own.
    """
    if layer.merge_mode != "concat":
        raise _refused(layer, f"merge_mode={layer.merge_mode!r}")
    return _written(graph, [layer.forward_layer, layer.backward_layer], vectors, mask)


def _written(graph: Graph, layers: Sequence[Any], vectors: str, mask: str | None) -> str:
    operator = _operator(layers)
    tokens = None if mask is None else tokens_of(graph, mask)
    inputs = vectors if tokens is None else tokens.in_front(graph, vectors)
    of_each = [_weights(layer, operator) for layer in layers]
    all_states = bool(layers[0].return_sequences)
    states = graph.node(
        operator,
        graph.node("Transpose", inputs, perm=[1, 0, 2]),
        *(graph.constant(np.stack(each)) for each in zip(*of_each, strict=True)),
        *([] if tokens is None else [tokens.lengths]),
        outputs=2,
        output=0 if all_states else 1,
        hidden_size=layers[0].units,
        direction="forward" if len(layers) == 1 else "bidirectional",
        **({"linear_before_reset": 1} if operator == "GRU" else {}),
    )
    return _all_states(graph, layers[0], states, mask, tokens) if all_states else _last_state(graph, states, tokens)


def _all_states(graph: Graph, layer: Any, states: str, mask: str | None, tokens: Tokens | None) -> str:
    """Makes (B, T, D) of (T, ways, B, U)."""
    by_review = graph.node("Transpose", states, perm=[2, 0, 1, 3])
    joined = graph.node("Reshape", by_review, graph.constant([0, 0, -1], "int64"))
    if tokens is None or mask is None:
        return joined
    # Keras shows the state before a step without token, or zeros: always zeros where both ways are read.
    after_first = graph.node("Greater", tokens.rank, graph.constant(0, "int64"))
    return tokens.in_place(graph, joined, mask if layer.zero_output_for_mask else after_first)


def _last_state(graph: Graph, states: str, tokens: Tokens | None) -> str:
    """Makes (B, D) of (ways, B, U); zeros for a review without tokens."""
    by_review = graph.node("Transpose", states, perm=[1, 0, 2])
    joined = graph.node("Reshape", by_review, graph.constant([0, -1], "int64"))
    return joined if tokens is None else graph.node("Where", tokens.empty, number(graph, 0), joined)


def _operator(layers: Sequence[Any]) -> str:
    for layer in layers:
        config = layer.get_config()
        backwards = layer is not layers[0]
        must_be = {**MUST_BE, "go_backwards": backwards}
        if backwards and layer.return_sequences and not layer.zero_output_for_mask:
            raise _refused(layer, "zero_output_for_mask=False")
        for name, value in must_be.items():
            if config.get(name, value) != value:
                raise _refused(layer, f"{name}={config[name]!r}")
    return OPERATORS[type(layers[0]).__name__]


def _weights(layer: Any, operator: str) -> Sequence[NDArray[Any]]:
    """Returns the kernels (G·U, E) and (G·U, U), and both biases, (2·G·U,)."""
    bias = layer.cell.bias.numpy()
    biases = bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])
    kernels = (layer.cell.kernel.numpy(), layer.cell.recurrent_kernel.numpy())
    return [*(_ordered(kernel, operator).T for kernel in kernels), _ordered(biases, operator).reshape(-1)]


def _ordered(gates: NDArray[Any], operator: str) -> NDArray[Any]:
    parts = np.split(gates, len(GATES[operator]), axis=-1)
    return np.concatenate([parts[place] for place in GATES[operator]], axis=-1)


def _refused(layer: Any, why: str) -> BundleError:
    return BundleError(
        f"A recurrent layer must have Keras's own equations to be exported. Received: layer `{layer.name}` "
        f"({type(layer).__name__}) with {why}. Export the model with `--to folder`, or train it without that."
    )
