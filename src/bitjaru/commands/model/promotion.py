"""`bitjaru promote`, `champions` and `rollback`."""

import sys
from typing import Annotated, Any

import typer

from bitjaru.errors import ConfigError

REFUSED = 3
Overrides = Annotated[
    list[str] | None, typer.Argument(help="Config overrides, as for train.py: gate.baseline=require tracking=server …")
]


def promote(  # noqa: PLR0913, PLR0917 - a command's arguments are its options
    overrides: Overrides = None,
    run: Annotated[
        str | None, typer.Option(help="Id of the run; by default the best of the last search or grid.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Name in the registry; by default DATASET-TASK.")] = None,
    alias: Annotated[str, typer.Option(help="champion, or challenger to register only.")] = "champion",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Shows the gate's table and changes nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Promotes what the gate refuses; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why a refused model is promoted all the same.")] = None,
    new_data: Annotated[
        bool,
        typer.Option("--new-data", help="Evaluates the champion on the new model's data where that is other data."),
    ] = False,
) -> None:
    """Puts a run's model into the registry as the champion, if it passes the gate. Exit status 3: refused."""
    if force != bool(reason and reason.strip()):
        raise ConfigError(
            "`--force` and `--reason` go together. Received: only one of them. "
            'Write `--force --reason "why it is promoted all the same"`.'
        )
    from bitjaru.promotion.promote import Wish
    from bitjaru.promotion.promote import promote as go
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console

    gate, tracking = _parts(overrides or [])
    wish = Wish(run_id=run, model=model, alias=alias, dry=dry_run, reason=reason, new_data=new_data)
    result = go(wish, gate, tracking)
    show(result.sheet, console())
    if result.version is not None:
        console().print(f"\n{result.version} is the {alias} now.", highlight=False)
    elif result.passed:
        console().print("\nIt would be promoted. Nothing was changed: --dry-run.", highlight=False)
    else:
        console().print("\nRefused. Nothing was changed in the registry.", highlight=False)
        sys.exit(REFUSED)


def champions(overrides: Overrides = None) -> None:
    """Lists the registered models, their versions and aliases, and who made which the champion, when and why."""
    from bitjaru.promotion.listing import history_sheet, versions_sheet
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry.registry import Registry

    registry = Registry(store_of(_parts(overrides or [])[1]))
    names = registry.names()
    if not names:
        console().print("No model is registered yet: `bitjaru promote` registers one.", highlight=False)
    for name in names:
        for sheet in (versions_sheet(name, registry.versions(name)), history_sheet(registry.history(name))):
            show(sheet, console())
            console().print()


def rollback(
    model: Annotated[str, typer.Argument(help="Name in the registry.")],
    overrides: Overrides = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "rolled back by hand",
) -> None:
    """Puts the champion before this one back in its place."""
    from bitjaru.promotion import documents
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry.reference import must_have
    from bitjaru.tracking.registry.registry import Registry

    registry = Registry(store_of(_parts(overrides or [])[1]))
    must_have(registry, model)
    version = registry.rollback(model, documents.rollback(why=reason))
    typer.echo(f"{version} is the champion again.")


def _parts(overrides: list[str]) -> tuple[Any, Any]:
    """The gate's group is in no training config: it is added here."""
    from bitjaru.configuration import build_part, compose_config

    chosen = [f"+{each}" if each.startswith("gate=") else each for each in overrides]
    added = [] if any(each.startswith("+gate=") for each in chosen) else ["+gate=default"]
    config = compose_config([*added, *chosen])
    gate, tracking = build_part(config, "gate"), build_part(config, "tracking")
    tracking.prepare("sample")
    return gate, tracking
