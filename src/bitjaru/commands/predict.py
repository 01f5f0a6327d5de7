"""`bitjaru predict` and `serve`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitjaru.errors import ConfigError

if TYPE_CHECKING:
    from bitjaru.models.bundle import Bundle

Model = Annotated[
    str | None, typer.Option(help="NAME@ALIAS, NAME/VERSION, or NAME for its champion; by default the only model.")
]
Override = Annotated[
    list[str] | None,
    typer.Option("--set", help="A config override, as for train.py: tracking=server. May be repeated."),
]


def predict(  # noqa: PLR0913, PLR0917 - a command's arguments are its options
    texts: Annotated[list[str] | None, typer.Argument(help="Reviews to judge, each in quotes.")] = None,
    model: Model = None,
    lang: Annotated[str | None, typer.Option(help="ko or en; by default the language of the model's data.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="How much each token moved the answer.")] = False,
    file: Annotated[Path | None, typer.Option(help="A CSV file of reviews, also .gz; .tsv and .txt have tabs.")] = None,
    column: Annotated[str, typer.Option(help="The file's column with the reviews.")] = "text",
    output: Annotated[Path | None, typer.Option(help="Where the file with the answers goes.")] = None,
    separator: Annotated[str | None, typer.Option(help="Between the file's cells.")] = None,
    overrides: Override = None,
) -> None:
    """Says what a registered model makes of a review, or of a whole file of them."""
    from bitjaru.models.sentence import check_language

    if bool(texts) == (file is not None):
        raise ConfigError(
            "`bitjaru predict` takes either reviews or a file of them. "
            f'Received: {"both" if texts else "neither"}. Write `bitjaru predict "a review"`, or `--file`.'
        )
    if (file is None) != (output is None):
        raise ConfigError("`--file` and `--output` go together. Received: only one of them.")
    if file is not None and not file.is_file():
        raise ConfigError(f"`--file` must name a file. Received: {file}, which is none. Name one that exists.")
    check_language(lang)
    bundle = _bundle(model, overrides or [])
    if file is not None and output is not None:
        _answer_file(bundle, file, output, column, separator)
        return
    language = lang or str(bundle.config.dataset.get("language", "en"))
    for text in texts or []:
        _answer(bundle, text, language, as_json=json, explained=explain)


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


def model_folder(model: str | None, overrides: list[str]) -> Path:
    """Returns the folder with the files of a registered model.

    Raises:
        TrackingError: If there is none of that name.
    """
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.promotion.promote import store_of
    from bitjaru.tracking.models.files import local_folder
    from bitjaru.tracking.registry.reference import resolve
    from bitjaru.tracking.registry.registry import Registry

    tracking: Any = build_part(compose_config(overrides), "tracking")
    uri = store_of(tracking)
    tracking.prepare("sample")
    return local_folder(uri, resolve(Registry(uri), model).source)


def _bundle(model: str | None, overrides: list[str]) -> "Bundle":
    folder = model_folder(model, overrides)
    from bitjaru.models.bundle import Bundle

    return Bundle.load(folder / "data")


def _answer(bundle: "Bundle", text: str, language: str, *, as_json: bool, explained: bool) -> None:
    from dataclasses import asdict

    from bitjaru.models.explanation import bars, explain
    from bitjaru.models.sentence import sentence
    from bitjaru.tasks import Writer
    from bitjaru.terminal import console

    explanation = explain(bundle, text) if explained else None
    (answer,) = bundle.predict([text]) if explanation is None else [explanation.answer]
    if as_json:
        tokens = {} if explanation is None else {"tokens": [asdict(weight) for weight in explanation.weights]}
        typer.echo(_json({"text": text, **asdict(answer), **tokens}))
        return
    typer.echo(sentence(answer, language, is_word=isinstance(bundle.task, Writer)))
    for line in bars(explanation) if explanation else ():
        console().print(line)


def _answer_file(bundle: "Bundle", file: Path, output: Path, column: str, separator: str | None) -> None:
    from bitjaru.models.file_answers import answer_file

    counts = answer_file(file, output, bundle.predict, column=column, separator=separator)
    bad = f" {counts.bad:,} could not be: their `reason` says why." if counts.bad else ""
    typer.echo(f"Answered {counts.answered:,} rows.{bad} {output}")


def _json(content: dict[str, Any]) -> str:
    import json

    # A broken argument of the command line holds lone surrogates, which no terminal takes.
    return json.dumps(content, ensure_ascii=False).encode(errors="replace").decode()
