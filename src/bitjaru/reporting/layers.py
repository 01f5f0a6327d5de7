"""The layers of a model, and how the number of weights of each comes about."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from bitjaru.reporting import wording
from bitjaru.reporting.sheet import Column, Sheet

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: Keras's name of it.
        kind: Its class.
        shape: Of its output, the batch as None.
        weights: How many it has.
        derived: The sum that gives `weights`, empty for none.
    """

    name: str
    kind: str
    shape: Shape
    weights: int
    derived: str


def layers(model: Any) -> list[Layer]:
    """Returns the layers of a built Keras model, in order."""
    return [_layer(layer) for layer in model.layers]


def sheet(model: Any) -> Sheet:
    """Returns the table of a built Keras model, with the sum of its weights."""
    found = layers(model)
    rows = [
        [layer.name, layer.kind, _text(layer.shape), wording.count(layer.weights), layer.derived] for layer in found
    ]
    fixed = sum(prod(array.shape) for array in model.non_trainable_weights)
    return Sheet(
        title="layers",
        columns=[
            Column("layer", figures=False),
            Column("kind", figures=False),
            Column("output"),
            Column("weights"),
            Column("derived", figures=False, breaks=True),
        ],
        rows=[*rows, ["all", "", "", wording.count(model.count_params()), ""]],
        styles=[*("" for _ in rows), "bold"],
        notes=[f"{wording.count(fixed)} of them are not trained."] if fixed else [],
    )


def _layer(layer: Any) -> Layer:
    output = layer.output[0] if isinstance(layer.output, list) else layer.output
    shapes = [tuple(array.shape) for array in layer.weights]
    return Layer(layer.name, type(layer).__name__, tuple(output.shape), layer.count_params(), _derived(shapes))


def _derived(shapes: Sequence[tuple[int, ...]]) -> str:
    """The formula for arrays of these shapes, read off the shapes alone: it holds for layers of any class."""
    half = len(shapes) // 2
    if half > 1 and shapes[:half] == shapes[half:]:
        return f"2×({_derived(shapes[:half])})"
    return _recurrent(shapes) or " + ".join("×".join(f"{side:,}" for side in shape) for shape in shapes)


def _recurrent(shapes: Sequence[tuple[int, ...]]) -> str:
    """The formula of a recurrent layer, or nothing.

    Its G gates share arrays: a kernel (D, G·U), a recurrent kernel (U, G·U), and maybe biases (G·U) or (2, G·U).
    """
    if [len(shape) for shape in shapes[:2]] != [2, 2] or len(shapes) > 3:
        return ""
    (inputs, columns), (units, same) = shapes[:2]
    gates = columns // units
    if columns != same or columns != gates * units:
        return ""
    rows = {(): "", ((columns,),): f" + {units:,}", ((2, columns),): f" + 2×{units:,}"}.get(tuple(shapes[2:]))
    if rows is None:
        return ""
    one = f"({inputs:,} + {units:,})×{units:,}{rows}"
    return one if gates == 1 else f"{gates}×({one})"


def _text(shape: Shape) -> str:
    """Names the sides that are not fixed: the batch first, then the length."""
    return "×".join(("T" if place else "B") if side is None else str(side) for place, side in enumerate(shape))
