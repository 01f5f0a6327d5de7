"""From one vector a token to one vector a review, as `architectures.pooling` and `architectures.windows` do it."""

from typing import Any

from bitjaru.architectures.pooling import FAR_BELOW
from bitjaru.export.graph import Graph
from bitjaru.export.masks import number, seen, widened

BOOL = 9  # onnx.TensorProto's number
END = 2**31 - 1  # as ONNX writes the end of an axis


def average(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `MaskedAverage`."""
    del layer
    steps = graph.constant([1], "int64")
    if mask is None:
        return graph.node("ReduceMean", vectors, steps, keepdims=0)
    weight = widened(graph, seen(graph, mask))
    total = graph.node("ReduceSum", graph.node("Mul", vectors, weight), steps, keepdims=0)
    tokens = graph.node("ReduceSum", weight, steps, keepdims=0)
    return graph.node("Div", total, graph.node("Max", tokens, number(graph, 1)))


def largest(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `MaskedMax`, and Keras's `GlobalMaxPooling1D`, which takes no mask."""
    del layer
    steps = graph.constant([1], "int64")
    if mask is None:
        return graph.node("ReduceMax", vectors, steps, keepdims=0)
    of_tokens = graph.node("Where", widened(graph, mask), vectors, number(graph, FAR_BELOW))
    any_token = graph.node("ReduceMax", widened(graph, seen(graph, mask)), steps, keepdims=0)
    strongest = graph.node("ReduceMax", of_tokens, steps, keepdims=0)
    return graph.node("Where", graph.node("Cast", any_token, to=BOOL), strongest, number(graph, 0))


def root_sum(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `RootSum` without its dropout."""
    del layer
    steps = graph.constant([1], "int64")
    weight = widened(graph, seen(graph, mask)) if mask is not None else _ones(graph, vectors)
    total = graph.node("ReduceSum", graph.node("Mul", vectors, weight), steps, keepdims=0)
    tokens = graph.node("ReduceSum", weight, steps, keepdims=0)
    return graph.node("Div", total, graph.node("Sqrt", graph.node("Max", tokens, number(graph, 1))))


def attention(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `Attention`."""
    projected = graph.node("MatMul", vectors, graph.constant(layer.projection.numpy()))
    hidden = graph.node("Tanh", graph.node("Add", projected, graph.constant(layer.bias.numpy())))
    scores = graph.node("MatMul", hidden, graph.constant(layer.question.numpy()))
    if mask is not None:
        scores = graph.node("Where", widened(graph, mask), scores, number(graph, FAR_BELOW))
    weighed = graph.node("Mul", graph.node("Softmax", scores, axis=1), vectors)
    if mask is not None:
        weighed = graph.node("Mul", weighed, widened(graph, seen(graph, mask)))
    return graph.node("ReduceSum", weighed, graph.constant([1], "int64"), keepdims=0)


def last(graph: Graph, layer: Any, states: str, mask: str | None) -> str:
    """Writes `Last`: of the columns that read from the end, the state at the first token."""
    middle = -layer.backwards or END
    ends = [_at_end(graph, _columns(graph, states, 0, middle), mask, first=False)]
    if layer.backwards:
        ends.append(_at_end(graph, _columns(graph, states, middle, END), mask, first=True))
    return graph.node("Concat", *ends, axis=-1)


def strongest_window(graph: Graph, layer: Any, vectors: str, mask: str | None) -> str:
    """Writes `StrongestWindow`."""
    weight = widened(graph, seen(graph, mask)) if mask is not None else _ones(graph, vectors)
    over = [0, 0, layer.kernel_size - 1, 0, 0, layer.kernel_size - 1]
    known, tokens = (
        graph.node("Pad", graph.node("Transpose", each, perm=[0, 2, 1]), graph.constant(over, "int64"))
        for each in (graph.node("Mul", vectors, weight), weight)
    )
    kernel, bias = layer.convolution.kernel.numpy(), layer.convolution.bias.numpy()
    convolved = graph.node("Conv", known, graph.constant(kernel.transpose(2, 1, 0)), graph.constant(bias))
    some = graph.node("MaxPool", tokens, kernel_shape=[layer.kernel_size], strides=[1])
    answers = graph.node(
        "Where",
        graph.node("Greater", some, number(graph, 0)),
        graph.node("Relu", convolved),
        number(graph, FAR_BELOW),
    )
    strongest = graph.node("ReduceMax", answers, graph.constant([2], "int64"), keepdims=0)
    return graph.node("Max", strongest, number(graph, 0))


def _at_end(graph: Graph, states: str, mask: str | None, *, first: bool) -> str:
    if mask is None:
        return graph.node("Gather", states, graph.constant(0 if first else -1, "int64"), axis=1)
    tokens = seen(graph, mask)
    steps = graph.constant(1, "int64")
    # Of the tokens so far, counted from the side that is meant: one, where the first of them stands.
    so_far = graph.node("CumSum", tokens, steps, reverse=0 if first else 1)
    here = graph.node("And", mask, graph.node("Equal", so_far, number(graph, 1)))
    chosen = graph.node("Mul", states, widened(graph, seen(graph, here)))
    return graph.node("ReduceSum", chosen, graph.constant([1], "int64"), keepdims=0)


def _columns(graph: Graph, states: str, start: int, stop: int) -> str:
    bounds = (graph.constant([each], "int64") for each in (start, stop, 2))
    return graph.node("Slice", states, *bounds)


def _ones(graph: Graph, vectors: str) -> str:
    """Returns ones, (B, T, 1)."""
    column = _columns(graph, vectors, 0, 1)
    return graph.node("Add", graph.node("Mul", column, number(graph, 0)), number(graph, 1))
