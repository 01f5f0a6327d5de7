"""Arguments that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(
        help="NAME@ALIAS, NAME/VERSION, or NAME for its champion; or a run's folder. By default the only model."
    ),
]
Override = Annotated[
    list[str] | None,
    typer.Option("--set", help="A config override, as for train.py: tracking=server. May be repeated."),
]
Signers = Annotated[
    Path | None,
    typer.Option(help="A file of allowed signers: the model must be signed by one of them. `bitjaru sign` signs."),
]
Overrides = Annotated[list[str] | None, typer.Argument(help="Config overrides, as for train.py: tracking=server …")]
