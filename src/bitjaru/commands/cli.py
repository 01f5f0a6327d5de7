"""The `bitjaru` command. Its words for training are Hydra's: `bitjaru train` is handed on as it is."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

import bitjaru
from bitjaru import project
from bitjaru.command_line import explained_errors
from bitjaru.commands import data, initialization, shell_completion, train
from bitjaru.commands.model import export, generate, predict, promotion, serve, verify
from bitjaru.commands.results import ensemble, finals, report, reproduce
from bitjaru.commands.store import browser, compare, deletion, runs

app = typer.Typer(
    help="Trains models of review sentiment, and looks at, repairs and uses what training left.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Runs the command line."""
    if sys.argv[1:2] == ["train"]:
        sys.argv = [f"{sys.argv[0]} train", *sys.argv[2:]]
        train.main()
        return
    if shell_completion.bash_asks():
        typer.echo(shell_completion.answer_bash())
        return
    with explained_errors():
        project.make_importable()
        app()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bitjaru {bitjaru.__version__}")
        raise typer.Exit


@app.callback()
def _commands(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show which version this is.")
    ] = False,
) -> None:
    """Trains models of review sentiment, and looks at, repairs and uses what training left."""


def _offered(context: typer.Context, incomplete: str) -> list[str]:
    return shell_completion.offered([*(context.params.get("overrides") or ()), incomplete])


@app.command(name="train", add_help_option=False, context_settings={"ignore_unknown_options": True})
def _train(
    overrides: Annotated[list[str] | None, typer.Argument(help="As for train.py.", autocompletion=_offered)] = None,
) -> None:
    """Trains: one run, a grid (-m) or a search (sweeps=…). `bitjaru train --help` shows every option."""
    sys.argv = ["bitjaru train", *(overrides or [])]
    train.main()


for start in (initialization.init, data.data):
    app.command()(start)


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
    *,
    anew: Annotated[bool, typer.Option("--anew", help="Send runs again that their store has no more.")] = False,
) -> None:
    """Sends runs that MLflow lacks, closes runs whose process died, and checks Java and the fonts."""
    from bitjaru.commands import doctor as examination

    roots = [folder] if folder else [project.home() / "outputs", project.home() / "multirun"]
    sys.exit(examination.run(roots, anew=anew))


for command in (
    *(browser.ui, browser.dashboard),
    *(runs.runs, compare.compare, deletion.delete, deletion.restore),
    *(finals.finals, ensemble.ensemble),
    *(promotion.promote, promotion.champions, promotion.rollback),
    *(predict.predict, serve.serve, generate.generate, verify.verify, verify.sign, export.export),
    *(report.report, reproduce.reproduce),
):
    app.command()(command)


if __name__ == "__main__":
    main()
