"""Events that the tests of the registry share."""

from dataclasses import replace

from bitjaru.tracking.registry.history import Event

NAME = "nsmc-sentiment"


def event(origin: str | None, target: str, **changes: object) -> Event:
    """A promotion; other fields on demand."""
    made = Event(
        id=f"{origin}-{target}",
        time="2026-01-02T03:04:05+00:00",
        who="kim",
        action="promote",
        origin=origin,
        target=target,
        run_id="r",
        why="passed the gate",
        forced=False,
        figures={"not worse": "better"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


ROLLBACK = event(None, "", action="rollback", id="back", why="it was slow")
