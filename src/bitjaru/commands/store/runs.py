"""`bitjaru runs`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bitjaru.commands.arguments import Override

if TYPE_CHECKING:
    from bitjaru.reporting.sheet import Sheet
    from bitjaru.tracking.registry.last_group import Tried


def runs(
    *,
    last: Annotated[bool, typer.Option("--last", help="Those of the last search or grid, the best first.")] = False,
    where: Annotated[
        str, typer.Option(help="MLflow's filter: \"metrics.test_accuracy > 0.8 and tags.dataset = 'nsmc'\".")
    ] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 20,
    overrides: Override = None,
) -> None:
    """Lists runs, the newest first: what each is, how good, how long it took."""
    from bitjaru.configuration import build_part, compose_config
    from bitjaru.errors import ConfigError
    from bitjaru.reporting.sheet import show
    from bitjaru.terminal import console
    from bitjaru.tracking.destination import store_of
    from bitjaru.tracking.registry.last_group import group
    from bitjaru.tracking.registry.single_runs import found

    if last and where:
        raise ConfigError("`--last` and `--where` each say which runs. Received: both. Leave one out.")
    uri = store_of(build_part(compose_config(overrides or []), "tracking"))
    if last:
        whole = group(uri)
        ranked = sorted(whole.tried, key=_place)
        show(_sheet(f"{whole.name} ({', '.join(whole.run_ids)})", ranked[:limit], len(ranked)), console())
        return
    listed = found(uri, where, limit)
    if not listed:
        console().print("There is no such run." if where else "There is no run yet: `bitjaru train` makes one.")
        return
    show(_sheet("", listed, None), console())


def _sheet(title: str, listed: "Sequence[Tried]", of: int | None) -> "Sheet":
    from bitjaru.reporting.sheet import Column, Sheet

    names = ("id", "run", "kind", "dataset", "started", "status")
    figures = ("valid accuracy", "test accuracy, all", "took")
    notes = [
        "In brackets 95 % intervals (Wilson) over rows; noise between seeds comes on top.",
        "Further: bitjaru compare ID ID · bitjaru report ID",
    ]
    if of is not None and of > len(listed):
        notes.insert(0, f"The best {len(listed)} of {of:,} runs; `--limit {of}` shows all.")
    return Sheet(
        title=title,
        columns=[*(Column(name, figures=False) for name in names), *map(Column, figures)],
        rows=[_row(run) for run in listed],
        styles=[{"FAILED": "red", "KILLED": "yellow"}.get(run.status, "") for run in listed],
        notes=notes,
    )


def _place(run: "Tried") -> tuple[bool, float]:
    """Runs without an objective stand last."""
    sign = 1 if run.tags.get("direction") == "minimize" else -1
    return run.objective is None, sign * (run.objective or 0.0)


def _row(run: "Tried") -> list[str]:
    from bitjaru.reporting.wording import duration

    return [
        run.run_id,
        run.name,
        run.tags.get("kind", "–"),
        run.tags.get("dataset", "–"),
        f"{datetime.fromtimestamp(run.started / 1000):%Y-%m-%d %H:%M}",  # noqa: DTZ006 - as the user's clock says
        run.tags.get("reason", run.status) if run.status == "KILLED" else run.status,
        _figure(run, "valid", ("kept_valid_accuracy", "best_valid_accuracy", "valid_accuracy")),
        _figure(run, "test", ("test_accuracy_all", "test_accuracy")),
        duration(run.seconds or None),  # 0: it is going on
    ]


def _figure(run: "Tried", part: str, names: Sequence[str]) -> str:
    from bitjaru.reporting.statistics import wilson
    from bitjaru.reporting.wording import MISSING

    value = next((run.metrics[name] for name in names if name in run.metrics), None)
    if value is None:
        return MISSING
    rows = run.rows.get(part, 0)
    return str(wilson(value, rows)) if rows and 0 <= value <= 1 else f"{value:.4f}"
