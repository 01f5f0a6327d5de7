"""Writes an MLflow model that takes raw text, around a bundle.

`mlflow.pyfunc.log_model` would run the model on its example, import every package to infer requirements and
compare all installed packages with the pins: seconds a run. What it writes is this folder, so this module
writes it: no pickle, our own code beside it so that it loads outside the project, and every requirement explicit.
"""

import json
import os
import platform
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bitjaru
from bitjaru.tracking.models import requirements

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

LOADER = "bitjaru.tracking.models.raw_text"
NOT_NEEDED = ("__pycache__", "conf", "sweeps", "starter")  # by a model that answers


def save(folder: Path, bundle: Path, *, examples: Sequence[str]) -> None:
    """Writes the model, in place of an earlier one.

    Args:
        folder: Of the MLflow model.
        bundle: Folder of a saved bundle; its files are linked where the disk allows it, else copied.
        examples: Texts that show what it takes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundle, folder / "data", copy_function=_link)
    code = folder / "code" / bitjaru.__name__
    shutil.copytree(Path(bitjaru.__file__).parent, code, ignore=shutil.ignore_patterns(*NOT_NEEDED))
    _write_environment(folder, requirements.pins(frozenset({LOADER, *_modules(bundle)})))
    _write_example(folder, examples)
    _write_description(folder)


def _modules(bundle: Path) -> set[str]:
    """The modules of all parts that a bundle's config names, and those of its members: those that only trained too."""
    configs = "\n".join(file.read_text(encoding="utf-8") for file in bundle.rglob("config.yaml"))
    return {target.rpartition(".")[0] for target in re.findall(r"^\s*_target_: (\S+)$", configs, re.MULTILINE)}


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _write_environment(folder: Path, pins: Sequence[str]) -> None:
    (folder / "requirements.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
    lines = (f"python: {platform.python_version()}", "dependencies:", "- -r requirements.txt")
    (folder / "python_env.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_example(folder: Path, examples: Sequence[str]) -> None:
    """Writes the rows as MLflow keeps them, and as its server takes them."""
    rows = {"columns": ["text"], "data": [[text] for text in examples]}
    (folder / "input_example.json").write_text(json.dumps(rows), encoding="utf-8")
    (folder / "serving_input_example.json").write_text(json.dumps({"dataframe_split": rows}), encoding="utf-8")


def _write_description(folder: Path) -> None:
    from mlflow import pyfunc
    from mlflow.models import Model

    model = Model(
        signature=_signature(),
        saved_input_example_info=_example_info(),
        model_size_bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    )
    pyfunc.add_to_model(model, LOADER, data="data", code="code", python_env="python_env.yaml")
    model.save(str(folder / "MLmodel"))


def _signature() -> "ModelSignature":
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

    return ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "text")]),
        outputs=Schema(
            [
                ColSpec(DataType.string, "label"),
                ColSpec(DataType.double, "probability"),
                ColSpec(DataType.boolean, "no_known_token"),
            ]
        ),
        params=ParamSchema([ParamSpec("probabilities", DataType.boolean, default=False)]),
    )


def _example_info() -> dict[str, Any]:
    return {
        "artifact_path": "input_example.json",
        "type": "dataframe",
        "pandas_orient": "split",
        "serving_input_path": "serving_input_example.json",
    }
