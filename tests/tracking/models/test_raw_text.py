"""The trained model as MLflow has it: raw text in, label and probability out, anywhere."""

import json
import os
import pickle
import pickletools
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

import pandas
import pytest
from mlflow import MlflowClient
from mlflow.models import Model
from tiny_model import tiny_bundle

from bitjaru import project
from bitjaru.errors import BundleError
from bitjaru.models import manifest
from bitjaru.models.bundle import Bundle
from bitjaru.outcome import Outcome
from bitjaru.tasks import Answer
from bitjaru.tracking.models import isolated
from bitjaru.tracking.models.raw_text import RawText
from bitjaru.tracking.runs.run import Run

TEXTS = ["great film", "", "bad bad film", "never seen words"]


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved bundle whose model was never trained, but answers differently to different words."""
    folder = tmp_path_factory.mktemp("bundle")
    tiny_bundle().save(folder)
    return folder


@pytest.fixture
def run(begin: Callable[..., Run], bundle: Path, outcome: Outcome) -> Run:
    tracked = begin()
    tracked.model(bundle, examples=TEXTS[:1])
    tracked.finish(outcome)
    return tracked


def artifacts(client: MlflowClient, run: Run) -> Path:
    outputs = client.get_run(str(run.run_id)).outputs
    assert outputs is not None
    [output] = outputs.model_outputs
    return Path(unquote(urlsplit(client.get_logged_model(output.model_id).artifact_location).path))


def test_the_run_shows_its_model_with_figures_of_its_own(run: Run, client: MlflowClient) -> None:
    shown = client.get_run(str(run.run_id))
    assert shown.outputs is not None
    model = client.get_logged_model(shown.outputs.model_outputs[0].model_id)
    assert (model.name, str(model.status), model.source_run_id) == ("model", "READY", run.run_id)
    assert {metric.key: metric.value for metric in model.metrics or ()}["test_accuracy"] == 0.7
    assert model.params == shown.data.params


@pytest.mark.slow
def test_the_model_loads_and_answers_in_a_fresh_process_without_the_project(
    run: Run, client: MlflowClient, bundle: Path, mlruns: Path, tmp_path: Path
) -> None:
    code = (
        "import json, sys\n"
        "sys.path = [entry for entry in sys.path if entry != sys.argv[2]]\n"
        "import mlflow, pandas\n"
        "model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "frame = pandas.DataFrame({'id': range(5), 'text': [*json.loads(sys.argv[3]), None]}, index=list('edcba'))\n"
        "answers = model.predict(frame)\n"
        "registered = mlflow.register_model(sys.argv[1], 'movies')\n"
        "again = mlflow.pyfunc.load_model('models:/movies/1').predict(model.input_example)\n"
        "import bitjaru\n"
        "print(json.dumps([answers.to_dict('list'), list(answers.index), bitjaru.__file__, again.to_dict('list')]))"
    )
    outputs = client.get_run(str(run.run_id)).outputs
    assert outputs is not None
    uri = f"models:/{outputs.model_outputs[0].model_id}"
    source = str(project.home() / "src")
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": f"sqlite:///{mlruns}/mlflow.db",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "CUDA_VISIBLE_DEVICES": "",
    }
    answer = subprocess.run(
        [sys.executable, "-c", code, uri, source, json.dumps(TEXTS)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    answers, index, package, again = json.loads(answer.stdout.splitlines()[-1])
    expected = Bundle.load(bundle).predict([*TEXTS, ""])
    assert answers["label"] == [each.label for each in expected]
    assert answers["probability"] == pytest.approx([each.probability for each in expected], abs=1e-6)
    assert len(set(answers["probability"])) > 1
    assert index == list("edcba")
    assert "artifacts" in package
    assert again["label"] == [expected[0].label]


def test_what_lies_beside_the_data_is_listed_too(run: Run, client: MlflowClient) -> None:
    folder = artifacts(client, run)
    manifest.check(folder, around="data")
    for name in ("code/bitjaru/errors.py", "MLmodel", "requirements.txt", "input_example.json", "data/manifest.json"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content + b" ")
        with pytest.raises(BundleError, match=f"`{name}`.*bytes instead of"):
            manifest.check(folder, around="data")
        (folder / name).write_bytes(content)
    (folder / "code" / "sitecustomize.py").write_text("print(1)")
    with pytest.raises(BundleError, match=r"`code/sitecustomize\.py`.*which was added"):
        manifest.check(folder, around="data")


@pytest.mark.slow
def test_a_question_in_a_process_of_its_own_leaves_nothing_beside_the_code(
    run: Run, client: MlflowClient, mlruns: Path
) -> None:
    folder = artifacts(client, run)
    measured = isolated.ask(f"sqlite:///{mlruns}/mlflow.db", str(folder), TEXTS, timed=[])
    assert len(measured.answers) == len(TEXTS)
    manifest.check(folder, around="data")
    (folder / "code" / "bitjaru" / "__pycache__").mkdir()
    (folder / "code" / "bitjaru" / "__pycache__" / "errors.cpython-311.pyc").write_bytes(b"x")
    with pytest.raises(BundleError, match=r"which was added\. Python writes such files"):
        manifest.check(folder, around="data")


def test_the_model_says_what_it_takes_gives_and_needs(run: Run, client: MlflowClient) -> None:
    folder = artifacts(client, run)
    model = Model.load(str(folder))
    assert model.signature.inputs.to_dict() == [{"type": "string", "name": "text", "required": True}]
    assert [column["name"] for column in model.signature.outputs.to_dict()] == [
        "label",
        "probability",
        "no_known_token",
    ]
    example = model.load_input_example(str(folder))
    assert isinstance(example, pandas.DataFrame)
    assert example.to_dict("list") == {"text": TEXTS[:1]}
    assert json.loads(str(model.get_serving_input(str(folder)))) == {
        "dataframe_split": {"columns": ["text"], "data": [[TEXTS[0]]]}
    }
    assert model.run_id == run.run_id
    pins = (folder / "requirements.txt").read_text().splitlines()
    assert any(pin.startswith("keras==") for pin in pins)
    assert "- -r requirements.txt" in (folder / "python_env.yaml").read_text()


def test_the_model_holds_no_pickle_and_no_leftovers(run: Run, client: MlflowClient) -> None:
    files = [file for file in artifacts(client, run).rglob("*") if file.is_file()]
    assert {"MLmodel", "model.keras", "raw_text.py", "requirements.txt"} <= {file.name for file in files}
    assert not [file for file in files if file.suffix in {".pkl", ".pickle", ".joblib", ".pyc"}]
    contents = {str(file): file.read_bytes() for file in files}
    for archive in (file for file in files if zipfile.is_zipfile(file)):
        with zipfile.ZipFile(archive) as opened:
            contents |= {f"{archive}/{name}": opened.read(name) for name in opened.namelist()}
    assert [name for name in contents if name.endswith("model.keras/config.json")]
    assert [name for name, content in contents.items() if is_pickle(content)] == []


def is_pickle(content: bytes) -> bool:
    """Tells whether the bytes read as a pickle: protocol 2 and newer have a mark, older ones are read to their end."""
    if content[:1] == b"\x80" and content[1:2] <= b"\x05":
        return True
    try:
        with warnings.catch_warnings(action="ignore"):  # of escapes, in bytes that mean something else
            return bool(list(pickletools.genops(content)))
    except (ValueError, UnicodeDecodeError):
        return False


def test_a_pickle_would_be_noticed() -> None:
    assert all(is_pickle(pickle.dumps({"a": [1]}, protocol)) for protocol in range(6))
    assert not is_pickle("층".encode())
    assert not is_pickle(b"c\\ no escape\nx\n")


def test_the_weights_are_not_stored_a_third_time(run: Run, bundle: Path) -> None:
    linked = run.folder / "tracking" / "model" / "data" / "model.keras"
    assert linked.samefile(bundle / "model.keras") or linked.stat().st_dev != bundle.stat().st_dev


@dataclass(frozen=True)
class Lengths:
    """Stands where a bundle stands: says how long each text is."""

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        assert all(isinstance(text, str) for text in texts)
        return [Answer("long" if len(text) > 3 else "short", float(len(text))) for text in texts]


@pytest.mark.parametrize("missing", [None, float("nan"), pandas.NA])
def test_rows_come_back_in_their_order_and_a_missing_text_is_an_empty_one(missing: object) -> None:
    frame = pandas.DataFrame({"text": ["재미있는", missing, "영화"]}, index=[7, 7, 1])
    answers = RawText(cast("Bundle", Lengths())).predict(frame)
    assert answers.to_dict("list") == {
        "label": ["long", "short", "short"],
        "probability": [4.0, 0.0, 2.0],
        "no_known_token": [False, False, False],
    }
    assert list(answers.index) == [7, 7, 1]


def test_a_number_among_the_texts_is_its_digits() -> None:
    answers = RawText(cast("Bundle", Lengths())).predict(pandas.DataFrame({"text": ["영화", 12345]}))
    assert list(answers["probability"]) == [2.0, 5.0]


def test_no_rows_are_no_rows() -> None:
    answers = RawText(cast("Bundle", Lengths())).predict(pandas.DataFrame({"text": []}))
    assert answers.shape == (0, 3)
