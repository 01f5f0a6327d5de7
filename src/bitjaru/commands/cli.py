"""The `bitjaru` command: everything but training, which is `python train.py`."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from bitjaru import project
from bitjaru.command_line import explained_errors
from bitjaru.commands.model import generate, predict, promotion, serve
from bitjaru.commands.results import ensemble, finals, report, reproduce
from bitjaru.commands.store import browser, compare, deletion, runs

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
def resume(folder: Annotated[Path, typer.Argument(help="Of the grid: multirun/DATE/TIME.")]) -> None:
    """Goes on with a grid that was killed: only runs that have not finished, into the same parent."""
    from bitjaru.runs.grid_folder import command

    sys.exit(subprocess.run(command(folder.resolve()), check=False).returncode)


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
    *(browser.ui, browser.dashboard, runs.runs, compare.compare, deletion.delete, deletion.restore),
    *(finals.finals, ensemble.ensemble),
    *(promotion.promote, promotion.champions, promotion.rollback),
    *(predict.predict, serve.serve, generate.generate),
    *(report.report, reproduce.reproduce),
):
    app.command()(command)


if __name__ == "__main__":
    main()
