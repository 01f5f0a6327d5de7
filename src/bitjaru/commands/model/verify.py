"""`bitjaru verify` and `sign`."""

from pathlib import Path
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override, Signers
from bitjaru.commands.model.registered_model import Place, check_signed, find

Wanted = Annotated[
    str | None,
    typer.Argument(help="NAME@ALIAS, NAME/VERSION, NAME, or the folder of a run or a model."),
]


def verify(model: Wanted = None, *, signers: Signers = None, overrides: Override = None) -> None:
    """Compares a model's files with its manifest, and with what was registered. Loads nothing of it."""
    from bitjaru.models import manifest

    place = find(model, overrides or [])
    _compare(place)
    typer.echo(f"All files are those that were saved: {place.folder} (manifest {manifest.sum_of(place.folder)[:12]}…)")
    if len(place.manifests) > 1:
        typer.echo(f"So are those that MLflow keeps beside them: {place.model} (manifest {_sum(place)[:12]}…)")
    elif place.model is not None:
        typer.echo(
            "Not compared: what MLflow keeps beside them, `code/` above all. They were saved before it was listed."
        )
    for folder, name in check_signed(place, signers).items():
        typer.echo(f"Signed by {name}: {folder}")


def sign(
    model: Wanted = None,
    *,
    key: Annotated[Path, typer.Option(help="Your private key, as for ssh.", show_default=False)],
    overrides: Override = None,
) -> None:
    """Signs a model's manifest with a key, by `ssh-keygen -Y sign`; `verify --signers` checks it."""
    from bitjaru.models import manifest
    from bitjaru.models.trust import signature
    from bitjaru.tracking.models.files import DATA, put_beside

    place = find(model, overrides or [])
    _compare(place)  # nobody vouches for files that were changed
    for folder in place.manifests:
        signature.sign(folder, key)
        put_beside(place.uri, place.source, folder / manifest.SIGNATURE, DATA if folder == place.folder else None)
        typer.echo(f"Signed: {folder / manifest.SIGNATURE}")


def _compare(place: Place) -> None:
    from bitjaru.models import manifest
    from bitjaru.tracking.models.files import DATA

    for folder in place.manifests:
        manifest.check(folder, around=None if folder == place.folder else DATA)


def _sum(place: Place) -> str:
    from bitjaru.models import manifest

    return manifest.sum_of(place.manifests[-1])
