"""`bitjaru reproduce`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bitjaru.errors import ConfigError


def reproduce(
    overrides: Annotated[
        list[str] | None, typer.Argument(help="Overrides of every run, to try it on a slice: dataset.rows=2000 …")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="A recipe, or question; may be given several times.")] = None,
    best: Annotated[bool, typer.Option("--best", help="The best models instead, into docs/best.md.")] = False,
    page_only: Annotated[bool, typer.Option("--page-only", help="Runs nothing, writes the page.")] = False,
    target: Annotated[Path | None, typer.Option(help="The page; by default docs/results.md.")] = None,
) -> None:
    """Runs the documents' recipes that were not run yet, and writes docs/results.md. Exit status 1: one failed."""
    import logging

    from bitjaru import project
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.reproduction.best import reproduce_best
    from bitjaru.reproduction.results import reproduce as go

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    tracking = build_part(compose_config(overrides or []), "tracking")
    tracking.prepare("sample")
    if tracking.uri is None:
        raise ConfigError("`tracking` must have a store to keep the runs in. Received: off. Use local or server.")
    page = target or project.home() / "docs" / ("best.md" if best else "results.md")
    failed = (
        reproduce_best(page, uri=tracking.uri, extra=overrides or [], run=not page_only)
        if best
        else go(page, uri=tracking.uri, only=only or [], extra=overrides or [], run=not page_only)
    )
    typer.echo(f"Written: {page}")
    if failed:
        typer.echo("These failed:\n" + "\n".join(f"  {command}" for command in failed), err=True)
        sys.exit(1)


if __name__ == "__main__":
    typer.run(reproduce)
