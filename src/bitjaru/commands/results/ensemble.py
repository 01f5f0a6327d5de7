"""`bitjaru ensemble`."""

from typing import Annotated

import typer

from bitjaru.commands.arguments import Overrides
from bitjaru.errors import ConfigError


def ensemble(
    overrides: Overrides = None,
    runs: Annotated[
        str | None, typer.Option(help="Ids of runs, with commas; by default all of the last search or grid.")
    ] = None,
    members: Annotated[int, typer.Option(help="Different models, at most.", min=1)] = 5,
    milliseconds: Annotated[
        float | None, typer.Option(help="A review in a batch, tokenizing included, at most.", min=0.0)
    ] = None,
) -> None:
    """Makes of several runs one model that is better than each, and a run of its own that can be promoted."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.ensembles.choose import Wish, choose
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console
    from bitjaru.tracking.destination import store_of

    named = [run.strip() for run in runs.split(",") if run.strip()] if runs is not None else []
    if runs is not None and not named:
        raise ConfigError("`--runs` must name runs. Received: none. Write `--runs A,B,C`, or leave it out.")
    tracking = build_part(compose_config(overrides or []), "tracking")
    uri = store_of(tracking)
    tracking.prepare("sample")
    chosen = choose(Wish(named, members, milliseconds), uri, tracking)
    for sheet in chosen.sheets:
        show(sheet, console())
        console().print()
    console().print(f"Everything of it: {chosen.folder}", highlight=False)
    if chosen.run_id is not None:
        console().print(f"To promote it: bitjaru promote --run {chosen.run_id}", highlight=False)
