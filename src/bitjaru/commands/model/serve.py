"""`bitjaru serve`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override, Signers
from bitjaru.commands.model.registered_model import registered_model


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
    allowed_hosts: Annotated[
        str,
        typer.Option(
            help="Names that requests may call the server by, with commas; *.example.org and * too. By default this "
            "machine's own where only it may connect, else all."
        ),
    ] = "",
    most_rows: Annotated[int, typer.Option(help="Of a request; more are refused at once.", min=1)] = 100_000,
    most_megabytes: Annotated[int, typer.Option(help="Of a request.", min=1)] = 64,
    most_characters: Annotated[int, typer.Option(help="Of one text.", min=1)] = 100_000,
    most_waiting: Annotated[int, typer.Option(help="Reviews that wait at a time; more get 503.", min=1)] = 10_000,
    most_connections: Annotated[int, typer.Option(help="Open at a time, for each worker.", min=1)] = 1_000,
    most_seconds: Annotated[float, typer.Option(help="From a request to its answer.", min=0.1)] = 60,
    seconds_to_send: Annotated[int, typer.Option(help="That a sender may be silent.", min=1)] = 15,
    seconds_to_end: Annotated[int, typer.Option(help="That requests get when the server is to stop.", min=1)] = 20,
    signers: Signers = None,
    overrides: Override = None,
) -> None:
    """Serves a registered model over HTTP: /invocations, /ping, /ready, /metrics, /docs. Ctrl-C or SIGTERM ends it."""
    from bitjaru.tracking.serving import model_server
    from bitjaru.tracking.serving.request.limits import Limits
    from bitjaru.tracking.serving.settings import Settings

    token = _token(token_file)
    model_server.check_access(host, token, insecure=insecure)
    hosts = model_server.allowed_hosts(host, [name for name in allowed_hosts.split(",") if name])
    version, folder = registered_model(model, overrides or [], signers)
    settings = Settings(
        folder=str(folder),
        model=f"{version.name}/{version.number}",
        data_sha256=version.tags.get("data_sha256", ""),
        token=token,
        hosts=hosts,
        workers=workers,
        limits=Limits(
            rows=most_rows,
            megabytes=most_megabytes,
            characters=most_characters,
            waiting=most_waiting,
            connections=most_connections,
            seconds=most_seconds,
            seconds_to_send=seconds_to_send,
            seconds_to_end=seconds_to_end,
        ),
    )
    pages = "/invocations, /ping, /ready, /metrics, /docs"
    typer.echo(f"Serving {settings.model} on http://{host}:{port} ({pages}). Ctrl-C ends it.")
    sys.stdout.flush()
    command = model_server.command(port=port, host=host)
    # In place of this process: whatever ends it ends the server, and nothing is left behind.
    os.execve(command[0], command, dict(model_server.environment(settings)))  # noqa: S606


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
