"""An ONNX graph on this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bitjaru.data import FloatArray
from bitjaru.errors import BundleError, ConfigError

FILE = "model.onnx"
WEIGHTS, ROWS_AT_ONCE = "weights", "rows_at_once"  # what the graph says of itself
ERRORS_ONLY = 3


class OnnxGraph:
    """A graph, ready to answer.

    Args:
        path: Of the file. It is read as bytes and may name no other file.

    Raises:
        BundleError: If the file is missing or damaged.
        ConfigError: If ONNX Runtime is not installed.
    """

    def __init__(self, path: Path) -> None:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.log_severity_level = ERRORS_ONLY
        try:
            self._session = runtime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
        except _refusals() as error:
            raise BundleError(
                f"`{path}` must be an ONNX graph. Received: {str(error).strip().splitlines()[0]}."
            ) from error
        self._output = self._session.get_outputs()[0].name

    @property
    def facts(self) -> Mapping[str, int]:
        """What the graph says of itself: its weights, and how many reviews it should be asked about together."""
        return {name: int(value) for name, value in self._session.get_modelmeta().custom_metadata_map.items()}

    @property
    def length(self) -> int | None:
        """T of its first input (B, T); None where any will do."""
        length = self._session.get_inputs()[0].shape[1]
        return length if isinstance(length, int) else None

    def run(self, **inputs: Any) -> FloatArray:
        """Returns its output for these inputs."""
        (answers,) = self._session.run([self._output], inputs)
        return np.asarray(answers)


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError(
            "An exported model answers with ONNX Runtime. Received: an environment without it. "
            "Install it: pip install 'bitjaru[onnx]'."
        ) from error
    onnxruntime.disable_telemetry_events()  # it has some on Windows
    return onnxruntime


def _refusals() -> tuple[type[Exception], ...]:
    """A file's errors, and ONNX Runtime's own, which have no class in common."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    return (
        *(OSError, runtime.Fail, runtime.InvalidArgument),
        *(runtime.InvalidGraph, runtime.InvalidProtobuf, runtime.NotImplemented),
    )
