"""`bitjaru serve`."""

import os
import sys
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override
from bitjaru.commands.model.registered_model import model_folder


def serve(
    model: Annotated[str, typer.Argument(help="NAME@ALIAS, NAME/VERSION, or NAME for its champion.")],
    port: Annotated[int, typer.Option(help="To listen on.")] = 5001,
    host: Annotated[str, typer.Option(help="Who may connect; by default only this machine.")] = "127.0.0.1",
    overrides: Override = None,
) -> None:
    """Serves a registered model over HTTP: /invocations, /ping, /version. Ctrl-C ends it."""
    from bitjaru.tracking.serving import model_server

    folder = model_folder(model, overrides or [])
    typer.echo(f"Serving {model} on http://{host}:{port} (/invocations, /ping, /version). Ctrl-C ends it.")
    sys.stdout.flush()
    command = model_server.command(port=port, host=host)
    # In place of this process: whatever ends it ends the server, and nothing is left behind.
    os.execve(command[0], command, dict(model_server.environment(folder)))  # noqa: S606
