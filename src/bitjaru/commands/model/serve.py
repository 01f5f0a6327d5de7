"""`bitjaru serve`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override
from bitjaru.commands.model.registered_model import model_folder


def serve(  # noqa: PLR0913 - the options of a command
    model: Annotated[str, typer.Argument(help="NAME@ALIAS, NAME/VERSION, or NAME for its champion.")],
    *,
    port: Annotated[int, typer.Option(help="To listen on.")] = 5001,
    host: Annotated[str, typer.Option(help="Who may connect; by default only this machine.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="Processes, each with the model in memory.", min=1)] = 1,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that every request must bring.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Let other machines in without a token.")] = False,
    most_rows: Annotated[int, typer.Option(help="Of a request; more are refused at once.", min=1)] = 100_000,
    most_megabytes: Annotated[int, typer.Option(help="Of a request.", min=1)] = 64,
    most_waiting: Annotated[int, typer.Option(help="Reviews that wait at a time; more get 503.", min=1)] = 10_000,
    overrides: Override = None,
) -> None:
    """Serves a registered model over HTTP: /invocations, /ping, /version, /metrics. Ctrl-C ends it."""
    from bitjaru.tracking.serving import model_server
    from bitjaru.tracking.serving.limits import Limits

    token = _token(token_file)
    model_server.check_access(host, token, insecure=insecure)
    folder = model_folder(model, overrides or [])
    typer.echo(f"Serving {model} on http://{host}:{port} (/invocations, /ping, /version, /metrics). Ctrl-C ends it.")
    sys.stdout.flush()
    command = model_server.command(port=port, host=host, workers=workers)
    limits = Limits(rows=most_rows, megabytes=most_megabytes, waiting=most_waiting)
    environment = model_server.environment(folder, name=model, token=token, limits=limits)
    # In place of this process: whatever ends it ends the server, and nothing is left behind.
    os.execve(command[0], command, dict(environment))  # noqa: S606


def _token(file: Path | None) -> str:
    from bitjaru.errors import ConfigError

    if file is None:
        return ""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"`--token-file` must be a file that can be read. Received: {file} ({error.strerror})."
        ) from error
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"`--token-file` must hold one word of letters, figures and signs. Received: {file}, which does not."
        )
    return token
