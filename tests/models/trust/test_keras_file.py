"""What a `.keras` file may hold; Keras itself would take what is refused here, if nothing else is said."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from tiny_model import tiny_bundle

from bitjaru.architectures.layers import Embedding
from bitjaru.errors import BundleError
from bitjaru.models import manifest
from bitjaru.models.bundle import Bundle
from bitjaru.models.trust import keras_file


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with a layer of ours, one inside another, an activation and a regularizer."""
    ids = keras.Input((4,), dtype="int32")
    read = keras.layers.Bidirectional(keras.layers.LSTM(3))(Embedding(9, 2, mask_zero=True)(ids))
    dense = keras.layers.Dense(5, activation="relu", kernel_regularizer=keras.regularizers.L2(0.1))(read)
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    keras.Model(ids, keras.layers.Dropout(0.1)(dense)).save(path)
    return path


@pytest.fixture
def changed(saved: Path, tmp_path: Path) -> Callable[..., Path]:
    """Writes the file again, its config or weights changed."""

    def write(
        config: Callable[[Any], Any] = lambda node: node,
        weights: Callable[[Path], None] = lambda _: None,
        more: dict[str, bytes] | None = None,
        how: int = zipfile.ZIP_STORED,
    ) -> Path:
        with zipfile.ZipFile(saved) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        (tmp_path / "weights.h5").write_bytes(content["model.weights.h5"])
        weights(tmp_path / "weights.h5")
        content["model.weights.h5"] = (tmp_path / "weights.h5").read_bytes()
        content["config.json"] = json.dumps(config(json.loads(content["config.json"]))).encode()
        with zipfile.ZipFile(tmp_path / "model.keras", "w", how) as archive:
            for name, each in {**content, **(more or {})}.items():
                archive.writestr(name, each)
        return tmp_path / "model.keras"

    return write


def replaced(kind: str, by: Any) -> Callable[[Any], Any]:
    """Puts something else in the place of every object of a kind."""

    def change(node: Any) -> Any:
        if isinstance(node, dict):
            return by if node.get("class_name") == kind else {key: change(value) for key, value in node.items()}
        return [change(each) for each in node] if isinstance(node, list) else node

    return change


def test_an_honest_file_passes_and_loads(saved: Path, changed: Callable[..., Path]) -> None:
    keras_file.check(saved)
    again = changed()
    keras_file.check(again)
    assert keras.saving.load_model(again, compile=False).count_params() == 197


def layer(name: str, module: str = "keras.layers", registered: str | None = None, **config: Any) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": {"name": "x", **config}, "registered_name": registered}


@pytest.mark.parametrize(
    "evil",
    [
        layer("Lambda", function="abs"),
        layer("StringLookup", vocabulary="/etc/hostname"),
        layer("TextVectorization", vocabulary="/etc/hostname"),
        layer("TFSMLayer", filepath="/tmp"),
        layer("TorchModuleWrapper"),
        layer("JaxLayer"),
        layer("deserialize"),
        layer("system", "os", command="true"),
        layer("Popen", "subprocess", args=["true"]),
        layer("get_file", "keras.utils"),
        layer("load_model", "keras.saving"),
        layer("load_model", "keras.src.saving.saving_lib"),
        layer("CSVLogger", "keras.callbacks", filename="/tmp/made"),
        layer("Map", "keras.src.ops.core"),
        layer("deserialize", "keras.initializers"),
        layer("Dense", "os", registered="bitjaru>Unheard"),
        layer("Lambda", registered="bitjaru>Embedding"),
        {"class_name": "Lambda", "config": {"function": "abs"}, "registered_name": "bitjaru>Embedding"},
        {"class_name": "Dense", "config": {"units": 5}},
        {"module": "builtins", "class_name": "function", "config": "eval", "registered_name": "function"},
        {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"},
        {"class_name": "__lambda__", "config": {"value": ["x", None, None]}},
        {"class_name": "__typespec__", "spec_name": "x", "module": "os", "registered_name": None, "config": []},
        {"class_name": ["os"], "config": {}},
        {"class_name": "__tensor__", "config": {"value": 1, "dtype": "float32"}},
    ],
    ids=lambda evil: str(evil["class_name"]),
)
@pytest.mark.parametrize("place", ["Dense", "LSTM", "L2"])
def test_what_is_no_layer_that_computes_is_refused_wherever_it_stands(
    place: str, evil: dict[str, Any], changed: Callable[..., Path]
) -> None:
    with pytest.raises(ValueError, match="no layer that only computes"):
        keras_file.check(changed(replaced(place, evil)))


@pytest.mark.parametrize(("key", "small"), [("units", 5), ("output_dim", 2), ("input_dim", 9)])
def test_a_model_may_have_no_more_weights_than_its_file(key: str, small: int, changed: Callable[..., Path]) -> None:
    def grown(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: 2**31 - 1 if (name, value) == (key, small) else grown(value) for name, value in node.items()}
        return [grown(each) for each in node] if isinstance(node, list) else node

    with pytest.raises(ValueError, match=r"its layers have [0-9,]{13,} weights and the file holds 197"):
        keras_file.check(changed(grown))


def elsewhere(path: Path) -> Path:
    with h5py.File(path.with_name("elsewhere.h5"), "w") as other:
        other["secret"] = np.ones(3)
    return path.with_name("elsewhere.h5")


def external_link(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["layers/more"] = h5py.ExternalLink(str(elsewhere(path)), "/secret")


def soft_link(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["layers/more"] = h5py.SoftLink("/layers")


def external_data(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.create_dataset("layers/more", (3,), "f8", external=[("/etc/hostname", 0, 24)])


def virtual_data(path: Path) -> None:
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource(str(elsewhere(path)), "secret", (3,))
    with h5py.File(path, "a") as file:
        file.create_virtual_dataset("layers/more", layout)


def shape_bomb(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.create_dataset("layers/more", (1 << 40,), "f4", chunks=(1 << 20,), compression="gzip")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (external_link, "links 'more' to another place"),
        (soft_link, "links 'more' to another place"),
        (external_data, "keeps /layers/more in another file"),
        (virtual_data, "keeps /layers/more in another file"),
        (shape_bomb, "says that it holds 1,099,511,6"),
        (cut, "is damaged"),
    ],
)
def test_weights_stand_in_the_file_itself(
    change: Callable[[Path], None], why: str, changed: Callable[..., Path]
) -> None:
    with pytest.raises(ValueError, match=why):
        keras_file.check(changed(weights=change))


def test_a_group_that_holds_itself_ends(changed: Callable[..., Path]) -> None:
    def circle(path: Path) -> None:
        with h5py.File(path, "a") as file:
            file["layers/again"] = file["layers"]

    keras_file.check(changed(weights=circle))


def test_only_the_three_files_are_expected(changed: Callable[..., Path]) -> None:
    with pytest.raises(ValueError, match="it must hold config"):
        keras_file.check(changed(more={"assets/words.txt": b"x"}))


def test_a_packed_bomb_is_refused_before_it_is_read(changed: Callable[..., Path]) -> None:
    def zeros(path: Path) -> None:
        path.write_bytes(bytes(80_000_000))

    with pytest.raises(ValueError, match="more than 100 times as much"):
        keras_file.check(changed(weights=zeros, how=zipfile.ZIP_DEFLATED))


def test_a_bundle_with_such_a_file_is_not_loaded(changed: Callable[..., Path], tmp_path: Path) -> None:
    tiny_bundle().save(tmp_path / "bundle")
    shutil.copy(changed(replaced("Dense", layer("Lambda"))), tmp_path / "bundle" / "model.keras")
    manifest.write(tmp_path / "bundle")
    with pytest.raises(BundleError, match="no layer that only computes"):
        Bundle.load(tmp_path / "bundle")
