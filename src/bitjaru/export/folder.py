"""An exported model as a folder, and the replay that decides whether it is the same model."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bitjaru.architectures.tfidf.model import NGRAMS, TfIdf
from bitjaru.errors import BundleError, ConfigError
from bitjaru.export.graph import LARGEST
from bitjaru.export.reading import FILE as READING
from bitjaru.export.reading import description
from bitjaru.files import write_text
from bitjaru.models import TextModel, manifest
from bitjaru.models.bundle import Bundle
from bitjaru.models.ensemble import FILE as SHARES
from bitjaru.models.ensemble import MEMBERS, EnsembleModel
from bitjaru.models.exported.graph import FILE as GRAPH
from bitjaru.models.exported.onnx_network import OnnxNetwork
from bitjaru.models.golden_set import FILE as GOLDEN
from bitjaru.models.golden_set import Golden
from bitjaru.models.linear import LinearModel
from bitjaru.models.network import VOCABULARIES, Network

TOLERANCE = 1e-5  # of a probability: the order of sums differs
CONFIG, FACTS = "config.yaml", "bundle.json"


@dataclass(frozen=True)
class Replay:
    """What an exported model answered to the golden texts.

    Attributes:
        texts: How many there are.
        apart: The largest difference of a probability.
    """

    texts: int
    apart: float


def export_onnx(source: Path, target: Path) -> Replay:
    """Writes a saved bundle as one that answers with ONNX Runtime, if it gives the same answers.

    Args:
        source: Of the bundle.
        target: A folder that does not exist yet.

    Raises:
        BundleError: If the bundle is damaged, a layer of it cannot be exported, or its answers are others.
        ConfigError: If the target exists, or ONNX is not installed.
    """
    _must_have_onnx()
    with _appearing_whole(target) as folder:
        bundle = Bundle.load(source)
        _write(bundle, bundle.model, source, folder)
        golden = Golden.load(folder)
        replayed = Bundle.load(folder).probabilities(golden.texts)
        kept = golden.probabilities > 0  # of a whole vocabulary only the largest were kept
        apart = max(
            float(np.abs(replayed - expected)[kept].max(initial=0))
            for expected in (golden.probabilities, bundle.probabilities(golden.texts))
        )
        if not apart <= TOLERANCE:
            raise BundleError(
                f"An exported model must give the same answers. Received: on {len(golden.texts)} golden texts a "
                f"probability that differs by {apart:.1e}; {TOLERANCE:.0e} is allowed. Nothing was written. Where the "
                "model itself no longer answers as it did, another version of its tokenizer is at work: "
                "`bitjaru predict` says so."
            )
    return Replay(len(golden.texts), apart)


def copy_bundle(source: Path, target: Path) -> None:
    """Copies a saved bundle as it is, with its manifest.

    Raises:
        BundleError: If a file is not the one that was saved.
        ConfigError: If the target exists.
    """
    with _appearing_whole(target) as folder:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        manifest.check(folder)


def _write(bundle: Bundle, model: TextModel, source: Path, folder: Path) -> None:
    for name in (CONFIG, GOLDEN, SHARES):
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    facts = json.loads((source / FACTS).read_text(encoding="utf-8"))
    write_text(folder / FACTS, json.dumps({**facts, "exported": "onnx"}, ensure_ascii=False, indent=2))
    _writer(model)(bundle, model, source, folder)
    write_text(folder / READING, json.dumps(description(bundle, model), ensure_ascii=False, indent=1))
    manifest.write(folder)


def _writer(model: TextModel) -> Callable[[Bundle, Any, Path, Path], None]:
    writers: dict[str, Callable[[Bundle, Any, Path, Path], None]] = {
        EnsembleModel.kind: _write_members,
        Network.kind: _write_network,
        LinearModel.kind: _write_linear,
    }
    return writers[model.kind]


def _write_members(bundle: Bundle, model: EnsembleModel, source: Path, folder: Path) -> None:
    for run, member in model.members.items():
        (folder / MEMBERS / run).mkdir(parents=True)
        _write(bundle, member.model, source / MEMBERS / run, folder / MEMBERS / run)


def _write_network(bundle: Bundle, model: Network, source: Path, folder: Path) -> None:
    del bundle
    if isinstance(model.model, OnnxNetwork):
        raise _exported_already()
    from bitjaru.export.network import network_graph

    shutil.copytree(source / VOCABULARIES, folder / VOCABULARIES)
    _save(network_graph(model.model, length=model.reading.length), folder)


def _write_linear(bundle: Bundle, model: LinearModel, source: Path, folder: Path) -> None:
    del bundle
    if not isinstance(model.fitted, TfIdf):
        raise _exported_already()
    from bitjaru.export.linear import linear_graph

    shutil.copyfile(source / NGRAMS, folder / NGRAMS)
    _save(linear_graph(model.fitted), folder)


def _exported_already() -> BundleError:
    return BundleError("A model must be as it was trained to be exported. Received: one that was exported already.")


def _save(graph: Any, folder: Path) -> None:
    if (size := graph.ByteSize()) >= LARGEST:
        raise BundleError(
            f"An ONNX graph in one file must be below {LARGEST >> 30} GiB. Received: {size:,} bytes. Export the model "
            "with `--to folder`, or train it with a smaller vocabulary."
        )
    (folder / GRAPH).write_bytes(graph.SerializeToString())


@contextmanager
def _appearing_whole(target: Path) -> Iterator[Path]:
    """Gives a folder to write to that becomes the target when all is done, and is gone when anything fails."""
    if target.exists():
        raise ConfigError(f"`--output` must be a new folder. Received: {target}, which exists. Name another one.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as name:
            folder = Path(name, target.name)
            folder.mkdir()
            yield folder
            folder.rename(target)
    except OSError as error:
        raise ConfigError(f"`--output` must be a folder that can be written. Received: {target}: {error}.") from error


def _must_have_onnx() -> None:
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "`--to onnx` needs ONNX. Received: an environment without it. Install it: pip install 'bitjaru[onnx]'."
        ) from error
