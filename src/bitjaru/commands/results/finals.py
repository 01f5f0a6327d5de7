"""`bitjaru finals`."""

from typing import Annotated

import typer

from bitjaru.commands.arguments import Overrides


def finals(  # noqa: PLR0913 - the options of a command
    overrides: Overrides = None,
    *,
    search: Annotated[
        str | None, typer.Option(help="Run ids of searches or grids, with commas; by default the last one.")
    ] = None,
    top: Annotated[int | None, typer.Option(help="Only so many architectures, the best in validation.", min=1)] = None,
    against: Annotated[
        str | None, typer.Option(help="Architectures that take part whatever their place, with commas: linear,ngrams.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Trainings of each, 1 to N.", min=1)] = 8,
    margin: Annotated[float, typer.Option(help="Differences of accuracy below it do not matter.")] = 0.003,
    fractions: Annotated[
        str, typer.Option(help="Shares of the training part for the learning curves, with commas; empty for none.")
    ] = "0.1,0.3",
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="Judge an ensemble of them too, chosen with each seed by validation.")
    ] = False,
    n_jobs: Annotated[int, typer.Option(help="Trainings at the same time.", min=1)] = 1,
) -> None:
    """Trains the best of each architecture with many seeds, and says which is better. Goes on where it was killed."""
    import logging

    from bitjaru.configuration import build_part, compose_config
    from bitjaru.finals.finals import Wish, hold
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console
    from bitjaru.tracking.destination import store_of

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tracking = build_part(compose_config(overrides or []), "tracking")
    wish = Wish(_listed(search), top, _listed(against), seeds, margin, _shares(fractions), ensemble, n_jobs)
    held = hold(wish, store_of(tracking), tracking)
    for sheet in held.sheets:
        show(sheet, console())
        console().print()
    for sentence in held.sentences:
        console().print(sentence, highlight=False)
    console().print(f"\nEverything of it: {held.folder}", highlight=False)
    if held.run_id is not None:
        console().print(f"As a page for anybody: bitjaru report {held.run_id} --open", highlight=False)


def _shares(written: str) -> list[float]:
    from bitjaru.errors import ConfigError

    try:
        return [float(each) for each in _listed(written)]
    except ValueError as error:
        raise ConfigError(f"`--fractions` must be shares, as in 0.1,0.3. Received: {written!r}.") from error


def _listed(written: str | None) -> list[str]:
    return [each.strip() for each in (written or "").split(",") if each.strip()]
