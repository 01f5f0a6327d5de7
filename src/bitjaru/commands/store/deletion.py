"""`bitjaru delete` and `bitjaru restore`."""

from typing import Annotated

import typer

from bitjaru.commands.arguments import Override


def delete(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Run ids; of a search, grid or finals with all below.")
    ] = None,
    *,
    where: Annotated[str, typer.Option(help="MLflow's filter instead: \"attributes.status = 'FAILED'\".")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    overrides: Override = None,
) -> None:
    """Deletes runs in MLflow. Registered models and runs that are going on stay; `bitjaru restore` takes it back."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.errors import ConfigError
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry import deletion
    from bitjaru.tracking.registry.best_run import MOST_RUNS
    from bitjaru.tracking.registry.single_runs import found, named

    if bool(runs) == bool(where):
        raise ConfigError(
            "Runs must be named, or described by `--where`. Received: " + ("both." if runs else "neither.")
        )
    uri = store_of(build_part(compose_config(overrides or []), "tracking"))
    wanted = found(uri, where, MOST_RUNS) if where else [named(uri, run_id) for run_id in runs or []]
    doomed = deletion.doomed(uri, wanted)
    for run in doomed.runs:
        why = doomed.kept.get(run.run_id)
        typer.echo(f"  {run.run_id}  {run.name}  {run.status}" + (f"  stays: {why}" if why else ""))
    going = [run.run_id for run in doomed.runs if run.run_id not in doomed.kept]
    if not going:
        typer.echo("Nothing is deleted.")
        return
    if not yes:
        typer.confirm(f"Delete {len(going)} of these {len(doomed.runs)} runs?", abort=True)
    deletion.delete(uri, going)
    counted = f"{len(going)} {'run' if len(going) == 1 else 'runs'}"
    typer.echo(f"Deleted {counted}. `bitjaru restore ID` takes it back, until `mlflow gc` removes them for good.")


def restore(
    runs: Annotated[list[str], typer.Argument(help="Ids of deleted runs.")], *, overrides: Override = None
) -> None:
    """Takes the deletion of runs back."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry import deletion

    uri = store_of(build_part(compose_config(overrides or []), "tracking"))
    for run_id in runs:
        restored = deletion.restore(uri, run_id)
        typer.echo(f"Restored {run_id}." if restored else f"{run_id} stays as it is: it was not deleted.")
