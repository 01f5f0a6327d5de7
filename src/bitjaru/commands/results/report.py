"""`bitjaru report`."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from bitjaru.commands.arguments import Override


def report(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Run ids of finals, searches, grids or single runs; by default the last.")
    ] = None,
    *,
    output: Annotated[Path | None, typer.Option(help="The file; by default below outputs/reports.")] = None,
    lang: Annotated[str, typer.Option(help="en or ko.")] = "en",
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    overrides: Override = None,
) -> None:
    """Writes one HTML file that shows results to anybody; it needs no network."""
    from bitjaru import project
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.errors import ReportError
    from bitjaru.html_report.language import Texts
    from bitjaru.html_report.report import write
    from bitjaru.html_report.sources import sources
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.runs.finished_runs import add_artifact

    texts = Texts.read(lang)
    tracking = build_part(compose_config(overrides or []), "tracking")
    uri = store_of(tracking)
    found = sources(uri, runs or [])
    name = f"report-{found[0].run_id[:8]}-{lang}.html"
    target = output or project.home() / "outputs" / "reports" / name
    try:
        write(found, texts, target)
    except OSError as error:
        raise ReportError(
            f"The report must go into a file that can be written. Received: {target}: {error.strerror}. Name another "
            "with `--output`."
        ) from error
    if len(found) == 1:
        add_artifact(uri, found[0].run_id, target, "report")
    typer.echo(f"Written: {target} ({target.stat().st_size / 1e6:.2f} MB)")
    if show and not webbrowser.open(target.resolve().as_uri()):
        typer.echo("No browser could be opened here. Open the file yourself, or name a browser in BROWSER.", err=True)
