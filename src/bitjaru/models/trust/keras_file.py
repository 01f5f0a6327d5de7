"""What a `.keras` file holds, looked at before Keras makes anything of it.

Keras's own `safe_mode` refuses Python code in a file. It imports and makes any class of Keras's that is named there,
though, some of which read files, and as large as the file says. Here only layers that compute are known, the weights
must stand in the file itself, and the model may have no more of them than the file holds.
"""

import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bitjaru.data.stored import check_archive

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MEMBERS = {CONFIG, WEIGHTS, "metadata.json"}
MOST_CONFIG_BYTES = 16 << 20
SLACK = 4_096  # numbers that a model has and does not save: the state of what draws at random
KINDS = (
    *("activations", "attention", "convolutional", "core", "merging"),
    *("normalization", "pooling", "regularization", "reshaping", "rnn"),
)
RUNS_CODE = ("Lambda",)  # of the layers of these kinds
PLAIN = ("__keras_tensor__", "__slice__", "__ellipsis__")
WHOLE = {
    ("keras.src.models.functional", "Functional"),
    ("keras.src.models.sequential", "Sequential"),
    ("keras", "Sequential"),
    ("keras", "DTypePolicy"),
}
SETTINGS = ("keras.initializers", "keras.regularizers", "keras.constraints")
OPERATIONS = ("keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.math")


def check(path: Path) -> None:
    """Refuses a file that would have Keras make anything but a network of the size of the file.

    Every layer of ours, or of a project's own, must have been imported before.

    Raises:
        OSError: If it cannot be read.
        ValueError: If it holds what it must not.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
            if set(archive.namelist()) - {"metadata.json"} != {CONFIG, WEIGHTS}:
                raise ValueError(f"it must hold {', '.join(sorted(MEMBERS))}, not {', '.join(archive.namelist())}")
            if archive.getinfo(CONFIG).file_size > MOST_CONFIG_BYTES:
                raise ValueError(f"{CONFIG} is larger than {MOST_CONFIG_BYTES:,} bytes")
            config, weights = json.loads(archive.read(CONFIG)), archive.read(WEIGHTS)
    except (zipfile.BadZipFile, EOFError, RecursionError) as error:
        raise ValueError(f"it is damaged: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{CONFIG} must hold an object")
    config["compile_config"] = None  # as Keras does where a model is loaded to answer
    check_objects(config)
    _check_size(config, _numbers(weights))


def check_objects(config: Any) -> None:
    """Refuses what is no layer that computes.

    Raises:
        ValueError: If a config names anything else, at any depth.
    """
    for node in _named(config):
        if not _is_known(node):
            named = f"{node.get('module')}.{node['class_name']}"
            raise ValueError(f"it names {named} ({node.get('registered_name')}), which is no layer that only computes")


def _named(config: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [config]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "class_name" in node:
                yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _is_known(node: Mapping[str, Any]) -> bool:
    import keras

    module, name, registered = node.get("module"), node["class_name"], node.get("registered_name")
    if name in PLAIN:
        return module is None
    if not isinstance(name, str) or not isinstance(module, str):  # an older form, which Keras reads in another way
        return False
    if isinstance(registered, str) and (own := keras.saving.get_registered_object(registered)) is not None:
        return isinstance(own, type) and own.__name__ == name
    if module == "keras.layers":
        return _computes(getattr(keras.layers, name, None))
    if module in SETTINGS:
        return isinstance(getattr(getattr(keras, module.partition(".")[2]), name, None), type)
    return (module, name) in WHOLE or (module in OPERATIONS and name[:1].isupper())


def _computes(layer: Any) -> bool:
    kind = getattr(layer, "__module__", "").removeprefix("keras.src.layers.").partition(".")[0]
    return isinstance(layer, type) and kind in KINDS and layer.__name__ not in RUNS_CODE


def _numbers(content: bytes) -> int:
    """Returns how many numbers stand in a weights file.

    Raises:
        ValueError: If any stands elsewhere, or the file has more of them than bytes.
    """
    import h5py

    found, met = 0, set()
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            waiting: list[Any] = [file]
            while waiting:
                node = waiting.pop()
                if (place := h5py.h5o.get_info(node.id).addr) in met:
                    continue
                met.add(place)
                if isinstance(node, h5py.Dataset):
                    found += _numbers_of(node)
                    continue
                for name in node:
                    if not isinstance(node.get(name, getlink=True), h5py.HardLink):
                        raise ValueError(f"{WEIGHTS} links {name!r} to another place")
                    waiting.append(node[name])
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError(f"{WEIGHTS} is damaged: {error}") from error
    if found > len(content):
        raise ValueError(f"{WEIGHTS} says that it holds {found:,} numbers in {len(content):,} bytes")
    return found


def _numbers_of(dataset: Any) -> int:
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{WEIGHTS} keeps {dataset.name} in another file")
    return math.prod(dataset.shape or ())


def _check_size(config: dict[str, Any], numbers: int) -> None:
    """Makes the model without its weights: layers know the shapes of theirs before they take any memory."""
    import keras
    from keras.src.backend.common import global_state

    try:
        with keras.StatelessScope(initialize_variables=False):
            model = keras.saving.deserialize_keras_object(config, safe_mode=True)
            asked = sum(math.prod(variable.shape) for variable in model.variables)
    finally:  # or the next scope would make them
        global_state.set_global_attribute("uninitialized_variables", [])
    if asked > numbers + SLACK:
        raise ValueError(f"its layers have {asked:,} weights and the file holds {numbers:,}")
