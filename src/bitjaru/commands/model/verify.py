"""`bitjaru verify`."""

from pathlib import Path
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override


def verify(
    model: Annotated[
        str | None, typer.Argument(help="NAME@ALIAS, NAME/VERSION, NAME, or a run's or bundle's folder.")
    ] = None,
    *,
    overrides: Override = None,
) -> None:
    """Compares a model's files with its manifest, and with what was registered. Loads nothing of it."""
    from bitjaru.commands.model.registered_model import model_folder
    from bitjaru.models import manifest

    place = None if model is None else Path(model)
    if place is not None and place.is_dir():
        folder = place / "bundle" if (place / "bundle").is_dir() else place
    else:
        folder = model_folder(model, overrides or []) / "data"
    manifest.check(folder)
    typer.echo(f"All files are those that were saved: {folder} (manifest {manifest.sum_of(folder)[:12]}…)")
