"""`bitjaru export`."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override
from bitjaru.commands.model.registered_model import find


class Form(StrEnum):
    """What a model becomes."""

    ONNX = "onnx"
    FOLDER = "folder"


def export(
    model: Annotated[
        str | None, typer.Argument(help="NAME@ALIAS, NAME/VERSION, NAME, or a run's or bundle's folder.")
    ] = None,
    *,
    to: Annotated[Form, typer.Option(help="onnx: graphs for ONNX Runtime; folder: the model's files as they are.")],
    output: Annotated[Path | None, typer.Option(help="A new folder; by default MODEL-onnx or MODEL-folder.")] = None,
    overrides: Override = None,
) -> None:
    """Writes a model for other programs, and replays its golden set: only what answers the same is written."""
    from bitjaru.export.folder import copy_bundle, export_onnx

    source = find(model, overrides or []).folder
    target = output or Path(f"{_file_name(model or 'model')}-{to}")
    if to is Form.FOLDER:
        copy_bundle(source, target)
        typer.echo(f"Copied, and compared with its manifest: {target}")
        return
    replay = export_onnx(source, target)
    typer.echo(
        f"Exported: {target}. {replay.texts:,} golden texts answered anew; no probability differs by more than "
        f"{replay.apart:.1e}."
    )


def _file_name(model: str) -> str:
    return re.sub(r"[^\w.-]+", "-", Path(model).name if Path(model).is_dir() else model).strip("-.") or "model"
