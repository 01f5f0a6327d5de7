"""Whole models, exported: raw texts get the answers that they got before, in processes without TensorFlow."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imports import CHECKOUT

from bitjaru.architectures.linear import Linear
from bitjaru.commands.model.export import Form, export
from bitjaru.configuration import build, compose_config
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.errors import BundleError, ConfigError
from bitjaru.export import folder as export_folder
from bitjaru.models import TextModel, manifest
from bitjaru.models.bundle import Bundle
from bitjaru.models.ensemble import EnsembleModel, Member
from bitjaru.models.explanation import explain
from bitjaru.models.golden_set import Golden
from bitjaru.models.linear import LinearModel
from bitjaru.models.network import Network
from bitjaru.training.model import build_model

TEXTS = [
    "a great film",
    "not a bad film",
    "bad",
    "",
    "재미있는 영화, 정말 great!",
    "unknown",
    "film " * 20,
    "Bad, bad film!",
]
KNOWN = ["great", "film", "bad", "a", "not", "재미있는", "영화"]
WITHOUT_TENSORFLOW = (
    "import sys, runpy\nfor name in ('tensorflow', 'keras', 'sklearn', 'mlflow'): sys.modules[name] = None\n"
)


def saved(bundle: Bundle, folder: Path) -> Path:
    folder.mkdir()
    Golden(TEXTS, bundle.probabilities(TEXTS), {}).save(folder)
    bundle.save(folder)
    return folder


def bundle_of(*overrides: str) -> Bundle:
    config = compose_config(["tokenizer=words", "max_len=6", *overrides])
    parts = build(config)
    return Bundle(config, parts.dataset, parts.task, _model(parts))


def _model(parts: Any) -> TextModel:
    if isinstance(parts.architecture, Linear):
        return LinearModel(parts.architecture.fit(TEXTS * 3, np.array([1, 0, 0, 1, 1, 0, 1, 0] * 3, np.int32)))
    views = parts.reading.views
    vocabularies = {name: Vocabulary.build(Tokens.from_rows([KNOWN]), size=None) for name in views}
    model = build_model(
        parts.task,
        parts.reading,
        parts.optimizer,
        vocabulary_sizes={name: len(each) for name, each in vocabularies.items()},
        trimmed=dict.fromkeys(views, False),
    )
    draws = np.random.default_rng(0)
    model.set_weights([draws.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    return Network(parts.task, parts.reading, vocabularies, model)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(bundle_of("architecture=gru"), tmp_path_factory.mktemp("gru") / "bundle")


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(
        bundle_of("architecture=linear", "architecture.minimum_count=1"), tmp_path_factory.mktemp("l") / "bundle"
    )


@pytest.fixture(scope="module")
def ensemble(network: Path, linear: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, second = Bundle.load(network), Bundle.load(linear)
    members = {"a1": Member(0.75, first.model, network), "b2": Member(0.25, second.model, linear)}
    together = Bundle(first.config, first.dataset, first.task, EnsembleModel(members))
    return saved(together, tmp_path_factory.mktemp("e") / "bundle")


def onnx(source: Path, target: Path) -> Path:
    export(str(source), to=Form.ONNX, output=target)
    return target


@pytest.mark.parametrize("kind", ["network", "linear", "ensemble"])
def test_raw_texts_get_the_same_answers_in_a_process_without_tensorflow(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source: Path = request.getfixturevalue(kind)
    target = onnx(source, tmp_path / "exported")
    assert f"{len(TEXTS)} golden texts answered anew" in capsys.readouterr().out
    manifest.check(target)
    assert not list(target.rglob("*.keras"))
    texts = TEXTS[:7]
    program = (
        "from pathlib import Path\nfrom bitjaru.models.bundle import Bundle\nimport json\n"
        f"answers = Bundle.load(Path({str(target)!r})).predict({texts!r})\n"
        "print(json.dumps([[each.label, each.probability, each.no_known_token] for each in answers]))"
    )
    said = json.loads(_python("-c", WITHOUT_TENSORFLOW + program))
    for (label, probability, unknown), expected in zip(said, Bundle.load(source).predict(texts), strict=True):
        assert (label, unknown) == (expected.label, expected.no_known_token)
        assert probability == pytest.approx(expected.probability, abs=1e-6)


def test_the_example_answers_without_tensorflow(network: Path, tmp_path: Path) -> None:
    target = onnx(network, tmp_path / "exported")
    texts = TEXTS[:7]
    program = CHECKOUT / "examples" / "onnx" / "answer.py"
    call = f"sys.argv = ['answer.py', {str(target)!r}, *{texts!r}]\nrunpy.run_path({str(program)!r})"
    lines = [line.split("\t") for line in _python("-c", WITHOUT_TENSORFLOW + call).splitlines()]
    assert [line[2] for line in lines] == texts
    for (label, probability, _), expected in zip(lines, Bundle.load(network).predict(texts), strict=True):
        assert label == expected.label
        assert float(probability) == pytest.approx(expected.probability, abs=2e-6)


def test_the_reasons_for_an_answer_stay_the_same(network: Path, tmp_path: Path) -> None:
    exported = Bundle.load(onnx(network, tmp_path / "exported"))
    ours, theirs = (explain(bundle, "not a bad film") for bundle in (exported, Bundle.load(network)))
    assert [each.token for each in ours.weights] == ["not", "a", "bad", "film"]
    assert [each.moved for each in ours.weights] == pytest.approx([each.moved for each in theirs.weights], abs=1e-6)
    assert exported.model.weights == Bundle.load(network).model.weights


def test_the_folder_says_how_a_text_becomes_ids(network: Path, tmp_path: Path) -> None:
    reading = json.loads((onnx(network, tmp_path / "exported") / "reading.json").read_text(encoding="utf-8"))
    (view,) = reading["views"].values()
    assert reading["classes"] == ["negative", "positive"]
    assert (view["columns"], view["tokenizer"]["engine"]) == ([0, 6], "words 1")
    assert (tmp_path / "exported" / view["vocabulary"]["file"]).is_file()


def test_a_graph_that_answers_otherwise_is_not_written(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_folder, "TOLERANCE", -1.0)
    with pytest.raises(BundleError, match=r"must give the same answers.*Nothing was written"):
        onnx(network, tmp_path / "new" / "exported")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_model_that_no_longer_answers_as_it_did_is_not_exported(linear: Path, tmp_path: Path) -> None:
    bundle = Bundle.load(linear)
    other = tmp_path / "other"
    other.mkdir()
    Golden(TEXTS, bundle.probabilities(TEXTS) + 0.001, {}).save(other)
    bundle.save(other)
    with pytest.raises(BundleError, match=r"differs by 1\.0e-03"):
        onnx(other, tmp_path / "exported")


def test_an_existing_folder_is_left_alone(network: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ConfigError, match="`--output` must be a new folder"):
        onnx(network, tmp_path / "mine")
    assert list((tmp_path / "mine").iterdir()) == []


def test_what_was_exported_is_not_exported_again(linear: Path, tmp_path: Path) -> None:
    target = onnx(linear, tmp_path / "exported")
    with pytest.raises(BundleError, match="exported already"):
        onnx(target, tmp_path / "again")


def test_a_copied_bundle_is_the_same_bundle(network: Path, tmp_path: Path) -> None:
    export(str(network), to=Form.FOLDER, output=tmp_path / "copy")
    assert manifest.sum_of(tmp_path / "copy") == manifest.sum_of(network)
    (tmp_path / "copy" / "config.yaml").write_text("{}")
    with pytest.raises(BundleError, match=r"config\.yaml"):
        export(str(tmp_path / "copy"), to=Form.FOLDER, output=tmp_path / "next")
    assert not (tmp_path / "next").exists()


def test_a_damaged_graph_is_named(network: Path, tmp_path: Path) -> None:
    target = onnx(network, tmp_path / "exported")
    (target / "model.onnx").write_bytes(b"nothing")
    manifest.write(target)
    with pytest.raises(BundleError, match=r"model\.onnx` must be an ONNX graph"):
        Bundle.load(target)


def _python(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, encoding="utf-8", env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
