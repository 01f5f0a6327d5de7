"""`bitjaru ui` and `bitjaru dashboard`: what stands in the stores, in a browser."""

import os
import sys
from typing import Annotated

import typer

from bitjaru.commands.arguments import Overrides

Host = Annotated[str, typer.Option(help="Who may connect; by default only this machine.")]
STORAGE = "sqlite:///mlruns/optuna.db"


def ui(
    overrides: Overrides = None,
    port: Annotated[int, typer.Option(help="To listen on.")] = 5000,
    host: Host = "127.0.0.1",
) -> None:
    """Opens MLflow's pages over the project's runs. Ctrl-C ends it."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.tracking.serving import ui_server

    tracking = build_part(compose_config(overrides or []), "tracking")
    command = ui_server.command(tracking, port=port, host=host)
    tracking.prepare("sample")
    page = ui_server.last_experiment(str(tracking.uri))
    typer.echo(f"Open http://{host}:{port}{page} in a browser. Ctrl-C ends it.")
    if page:
        typer.echo("Runs stand there the best first, by `objective`, their validation figure. An emptied search field")
        typer.echo("and `Sort: Created` show them below their searches, grids and finals.")
    sys.stdout.flush()
    # In this process's place: a server beside it would go on when this one is terminated, and hold the port.
    os.execve(command[0], command, {**os.environ, **ui_server.environment()})  # noqa: S606 - a command of ours


def dashboard(
    *,
    storage: Annotated[str, typer.Option(help="As in hydra.sweeper.storage.")] = STORAGE,
    port: Annotated[int, typer.Option(help="To listen on.")] = 8080,
    host: Host = "127.0.0.1",
) -> None:
    """Opens Optuna Dashboard over the studies: history, importances, trials. Ctrl-C ends it."""
    from bitjaru.sweep.study import dashboard as optuna_dashboard

    optuna_dashboard.check(storage)  # before anybody is sent to its page
    typer.echo(f"Open http://{host}:{port}/dashboard/ in a browser. Ctrl-C ends it.")
    optuna_dashboard.serve(storage, host=host, port=port)
