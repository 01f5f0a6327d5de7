"""The `bitjaru` command: everything but training, which is `python train.py`."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from bitjaru import project
from bitjaru.command_line import explained_errors
from bitjaru.commands.arguments import Overrides
from bitjaru.commands.model import generate, predict, promotion, serve
from bitjaru.commands.results import ensemble, finals, report, reproduce, resume

app = typer.Typer(
    help="Looks at, repairs and uses what `python train.py` left.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Runs the command line."""
    with explained_errors():
        app()


@app.callback()
def _commands() -> None:
    """Looks at, repairs and uses what `python train.py` left."""


@app.command()
def ui(
    overrides: Overrides = None,
    port: Annotated[int, typer.Option(help="To listen on.")] = 5000,
    host: Annotated[str, typer.Option(help="Who may connect; by default only this machine.")] = "127.0.0.1",
) -> None:
    """Opens MLflow's pages over the project's runs. Ctrl-C ends it."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.tracking.serving import ui_server

    tracking = build_part(compose_config(overrides or []), "tracking")
    command = ui_server.command(tracking, port=port, host=host)
    tracking.prepare("sample")
    typer.echo(f"Open http://{host}:{port} in a browser. Ctrl-C ends it.")
    sys.exit(subprocess.run(command, env={**os.environ, **ui_server.environment()}, check=False).returncode)


@app.command()
def doctor(
    folder: Annotated[
        Path | None, typer.Option(help="Where to look for runs; by default all of the project's.")
    ] = None,
) -> None:
    """Sends runs that MLflow lacks, closes runs whose process died, and checks Java and the fonts."""
    from bitjaru.commands import doctor as examination

    roots = [folder] if folder else [project.home() / "outputs", project.home() / "multirun"]
    sys.exit(examination.run(roots))


for command in (
    *(resume.resume, finals.finals, ensemble.ensemble),
    *(promotion.promote, promotion.champions, promotion.rollback),
    *(predict.predict, serve.serve, generate.generate),
    *(report.report, reproduce.reproduce),
):
    app.command()(command)


if __name__ == "__main__":
    main()
