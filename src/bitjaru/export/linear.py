"""A linear model as an ONNX graph: what comes after counting."""

from typing import Any

from bitjaru.architectures.tfidf.model import TfIdf
from bitjaru.export.graph import Graph
from bitjaru.export.masks import number, widened
from bitjaru.models.exported.graph import WEIGHTS


def linear_graph(fitted: TfIdf) -> Any:
    """Writes it: places and counts of a text's n-grams, (B, M) each, to probabilities (B, O); a count of 0 is none."""
    graph = Graph()
    places = graph.input("places", ["reviews", "ngrams"], "int64")
    times = graph.input("times", ["reviews", "ngrams"], "float32")
    ngrams = graph.constant([1], "int64")
    weights = graph.node(
        "Mul", _counted(graph, fitted, times), graph.node("Gather", _floats(graph, fitted.idf), places)
    )
    squares = graph.node("ReduceSum", graph.node("Mul", weights, weights), ngrams, keepdims=1)
    length = graph.node("Max", graph.node("Sqrt", squares), number(graph, 1e-30))  # of a text without any: 0
    of_each = graph.node("Gather", _floats(graph, fitted.coefficients), places)
    products = graph.node("Mul", widened(graph, graph.node("Div", weights, length)), of_each)
    odds = graph.node("Add", graph.node("ReduceSum", products, ngrams, keepdims=0), _floats(graph, fitted.intercept))
    single = len(fitted.intercept) == 1
    answer = graph.node("Sigmoid", odds) if single else graph.node("Softmax", odds, axis=-1)
    return graph.model(answer, len(fitted.intercept), {WEIGHTS: fitted.weights})


def _counted(graph: Graph, fitted: TfIdf, times: str) -> str:
    if not fitted.counting.sublinear:
        return times
    more = graph.node("Add", graph.node("Log", graph.node("Max", times, number(graph, 1))), number(graph, 1))
    return graph.node("Where", graph.node("Greater", times, number(graph, 0)), more, number(graph, 0))


def _floats(graph: Graph, values: Any) -> str:
    return graph.constant(values, "float32")
