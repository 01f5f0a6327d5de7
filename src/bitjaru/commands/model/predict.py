"""`bitjaru predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitjaru.commands.arguments import Model, Override, Signers
from bitjaru.commands.model.registered_model import open_bundle
from bitjaru.errors import ConfigError

if TYPE_CHECKING:
    from bitjaru.models.bundle import Bundle


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
    signers: Signers = None,
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
    bundle = open_bundle(model, overrides or [], signers)
    if file is not None and output is not None:
        _answer_file(bundle, file, output, column, separator)
        return
    language = lang or str(bundle.config.dataset.get("language", "en"))
    for text in texts or []:
        _answer(bundle, text, language, as_json=json, explained=explain)


def _answer(bundle: "Bundle", text: str, language: str, *, as_json: bool, explained: bool) -> None:
    from dataclasses import asdict

    from bitjaru.models.explanation import bars, explain
    from bitjaru.models.sentence import sentence
    from bitjaru.tasks import Writer
    from bitjaru.terminal import console

    explanation = explain(bundle, text) if explained else None
    (answer,) = bundle.predict([text]) if explanation is None else [explanation.answer]
    if as_json:
        reasons = {} if explanation is None else {"tokens": [asdict(weight) for weight in explanation.weights]}
        if explanation is not None and explanation.views:
            reasons["views"] = [asdict(weight) for weight in explanation.views]
        typer.echo(_json({"text": text, **asdict(answer), **reasons}))
        return
    typer.echo(sentence(answer, language, is_word=isinstance(bundle.task, Writer)))
    for line in bars(explanation) if explanation else ():
        console().print(line)


def _answer_file(bundle: "Bundle", file: Path, output: Path, column: str, separator: str | None) -> None:
    from bitjaru.models.files.file_answers import answer_file

    counts = answer_file(file, output, bundle.predict, column=column, separator=separator)
    bad = f" {counts.bad:,} could not be: their `reason` says why." if counts.bad else ""
    typer.echo(f"Answered {counts.answered:,} rows.{bad} {output}")


def _json(content: dict[str, Any]) -> str:
    import json

    # A broken argument of the command line holds lone surrogates, which no terminal takes.
    return json.dumps(content, ensure_ascii=False).encode(errors="replace").decode()
