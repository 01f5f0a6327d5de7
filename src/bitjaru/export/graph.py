"""Writing an ONNX graph, node by node."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, IR_VERSION = 18, 9  # both of 2022 or 2023: whatever reads ONNX today reads these
LARGEST = 2 << 30  # bytes of a file, which Protocol Buffers cannot pass


class Graph:
    """A graph that grows. Values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []

    def input(self, name: str, shape: Sequence[int | str], dtype: str) -> str:
        """Declares an input; sizes that are text may be anything."""
        from onnx import helper

        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def constant(self, value: Any, dtype: str | None = None) -> str:
        """Stores an array, or a number, and returns its name."""
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        array: NDArray[Any] = np.ascontiguousarray(value, dtype) if np.ndim(value) else np.asarray(value, dtype)
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def node(self, operator: str, *inputs: str, outputs: int = 1, output: int = 0, **attributes: Any) -> str:
        """Adds a node and returns the name of one of its outputs.

        Args:
            operator: As ONNX calls it.
            inputs: Names of values; an empty one leaves an input out.
            outputs: How many there are.
            output: Which of them is wanted.
            attributes: Of the operator.
        """
        from onnx import helper

        names = [f"{operator.lower()}_{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[output]

    def model(self, answer: str, outputs: int, facts: dict[str, int]) -> Any:
        """Returns the whole, checked by ONNX.

        Args:
            answer: Name of the value that it gives, (B, O).
            outputs: O.
            facts: What the graph says of itself.
        """
        import onnx
        from onnx import TensorProto, helper

        self._nodes.append(helper.make_node("Identity", [answer], ["probabilities"]))
        given = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["reviews", outputs])
        graph = helper.make_graph(self._nodes, "bitjaru", self._inputs, [given], self._constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, producer_name="bitjaru", opset_imports=[opset], ir_version=IR_VERSION)
        helper.set_model_props(model, {name: str(value) for name, value in facts.items()})
        if model.ByteSize() < LARGEST:
            onnx.checker.check_model(model)
        return model
