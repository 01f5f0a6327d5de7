"""Which tokens of a batch are there, and how to put them side by side."""

from dataclasses import dataclass

from bitjaru.export.graph import Graph

FLOAT, INT32, INT64 = 1, 6, 7  # onnx.TensorProto's numbers


def number(graph: Graph, value: float) -> str:
    """Stores a number."""
    return graph.constant(value, "float32")


def seen(graph: Graph, mask: str) -> str:
    """Returns 1 for each token that is there and 0 for others, (B, T)."""
    return graph.node("Cast", mask, to=FLOAT)


def widened(graph: Graph, values: str) -> str:
    """Makes (B, T, 1) of (B, T)."""
    return graph.node("Unsqueeze", values, graph.constant([-1], "int64"))


@dataclass(frozen=True)
class Tokens:
    """The tokens of each review moved to its front: a recurrent layer of ONNX can leave out an end and nothing else.

    Attributes:
        order: (B, T, 1), where the first token stands, the second, …, then the others.
        rank: (B, T), how many tokens there are up to each step, itself included.
        lengths: (B,), int32, 1 where a review has none.
        empty: (B, 1), whether it has none.
    """

    order: str
    rank: str
    lengths: str
    empty: str

    def in_front(self, graph: Graph, vectors: str) -> str:
        """Returns the vectors (B, T, E) of the tokens first."""
        return graph.node("GatherND", vectors, self.order, batch_dims=1)

    def in_place(self, graph: Graph, states: str, shown: str) -> str:
        """Puts states (B, T, D) of tokens that stand in front back where the tokens were.

        Args:
            graph: To write to.
            states: Of the tokens.
            shown: (B, T), where there is anything to see: a step without token shows the state before it; else zeros.
        """
        before = graph.node("Max", graph.node("Sub", self.rank, _one(graph)), graph.constant(0, "int64"))
        moved = graph.node("GatherND", states, widened(graph, before), batch_dims=1)
        return graph.node("Where", widened(graph, shown), moved, number(graph, 0))


def tokens_of(graph: Graph, mask: str) -> Tokens:
    """Writes how the tokens that a mask (B, T) shows come to the front, in their order."""
    there = graph.node("Cast", mask, to=INT64)
    steps = graph.constant(1, "int64")
    size = graph.node("Gather", graph.node("Shape", mask), steps)
    times = graph.node("Range", graph.constant(0, "int64"), size, steps)
    late = graph.node("Mul", graph.node("Sub", _one(graph), there), size)
    keys = graph.node("Add", late, times)
    every = graph.node("Unsqueeze", size, graph.constant([0], "int64"))
    order = graph.node("TopK", keys, every, outputs=2, output=1, axis=1, largest=0, sorted=1)
    count = graph.node("ReduceSum", there, graph.constant([1], "int64"), keepdims=1)
    at_least_one = graph.node("Squeeze", graph.node("Max", count, _one(graph)), graph.constant([1], "int64"))
    return Tokens(
        order=widened(graph, order),
        rank=graph.node("CumSum", there, steps),
        lengths=graph.node("Cast", at_least_one, to=INT32),
        empty=graph.node("Equal", count, graph.constant(0, "int64")),
    )


def _one(graph: Graph) -> str:
    return graph.constant(1, "int64")
