"""What `bitjaru champions` shows."""

from collections.abc import Sequence

from bitjaru.reporting.sheet import Column, Sheet
from bitjaru.reporting.wording import MISSING
from bitjaru.tracking.registry.history import Event
from bitjaru.tracking.registry.version import Version


def versions_sheet(name: str, versions: Sequence[Version]) -> Sheet:
    """Lays out a model's versions, newest first."""
    columns = [Column("version"), *(Column(heading, figures=False) for heading in ("alias", "gate", "registered"))]
    return Sheet(
        title=name,
        columns=[*columns, Column("test accuracy"), Column("data", figures=False), Column("run", figures=False)],
        rows=[
            (
                version.number,
                ", ".join(f"@{alias}" for alias in version.aliases) or MISSING,
                version.tags.get("gate", MISSING),
                f"{version.created:%Y-%m-%d %H:%M} UTC",
                version.tags.get("test_accuracy", MISSING),
                version.tags.get("data_sha256", MISSING)[:12],
                version.run_id or MISSING,
            )
            for version in reversed(versions)
        ],
    )


def history_sheet(history: Sequence[Event]) -> Sheet:
    """Lays out what happened to the champion, newest first."""
    headings = ("when", "who", "what", "from", "to", "why")
    return Sheet(
        title="",
        columns=[Column(heading, figures=False, breaks=heading == "why") for heading in headings],
        rows=[
            (
                event.time.replace("T", " ").replace("+00:00", " UTC"),
                event.who,
                f"{event.action}, forced" if event.forced else event.action,
                event.origin or MISSING,
                event.target,
                event.why,
            )
            for event in reversed(history)
        ],
    )
