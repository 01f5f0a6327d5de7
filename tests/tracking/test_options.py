"""What holds for every option of `conf/tracking`, and what its values must be."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf

from bitjaru import project
from bitjaru.configuration import register_resolvers
from bitjaru.errors import ConfigError
from bitjaru.tracking.destination import Tracking

FILES = sorted((project.home() / "conf" / "tracking").glob("*.yaml"))
each_option = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def make(file: Path, **changes: Any) -> Tracking:
    register_resolvers()
    part = instantiate(OmegaConf.merge(OmegaConf.load(file), changes))
    assert isinstance(part, Tracking)
    return part


def test_there_are_three_options() -> None:
    assert [file.stem for file in FILES] == ["local", "off", "server"]


@each_option
def test_its_keys_are_the_fields_of_its_class(file: Path) -> None:
    assert [str(key) for key in OmegaConf.load(file) if key != "_target_"] == [
        field.name for field in dataclasses.fields(make(file))
    ]


def test_the_local_store_is_in_the_home_wherever_the_run_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project.home() / "conf" / "tracking" / "local.yaml"
    monkeypatch.setenv("BITJARU_HOME", str(tmp_path))
    tracking = make(file)
    assert tracking.uri == f"sqlite:///{tmp_path}/mlruns/mlflow.db"
    assert tracking.artifact_root == f"{tmp_path}/mlruns/artifacts"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"uri": "file:///tmp/mlruns"}, "`tracking.uri` must be"),
        ({"uri": "./mlruns"}, "`tracking.uri` must be"),
        ({"uri": "databricks"}, "`tracking.uri` must be"),
        ({"uri": "http://me:s3cret@host:5000"}, "must hold no password, since configs are kept beside every run"),
        ({"uri": "http:/no-host"}, "`tracking.uri` must be"),
        ({"uri": "sqlite:///mlruns/mlflow.db"}, "must name an absolute path"),
        ({"uri": "sqlite:///:memory:"}, "must name an absolute path"),
        ({"artifact_root": "artifacts"}, "must be an absolute folder"),
        ({"artifact_root": None}, "must be an absolute folder"),
    ],
)
def test_a_value_that_cannot_work_is_refused(changes: dict[str, Any], said: str) -> None:
    values: dict[str, Any] = {
        "uri": "sqlite:////tmp/mlflow.db",
        "experiment": None,
        "artifact_root": "/tmp/artifacts",
        "parent": None,
    }
    with pytest.raises(ConfigError, match=said) as caught:
        Tracking(**values | changes)
    assert "Received: " in str(caught.value)


def test_making_an_option_imports_no_mlflow() -> None:
    code = (
        "import sys\n"
        "from bitjaru.tracking.runs import recovery\n"
        "from bitjaru.tracking.serving import ui_server\n"
        "from bitjaru.tracking.destination import Tracking\n"
        "Tracking(uri='http://127.0.0.1:5000', experiment=None, artifact_root=None, parent=None)\n"
        "print([name for name in ('mlflow', 'keras', 'pandas', 'sqlalchemy', 'requests') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
