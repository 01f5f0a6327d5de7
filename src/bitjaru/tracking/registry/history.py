"""Who put which version in the champion's place, when and why: a record that only grows.

It is kept in tags of the registered model, `history.0001`, …, because MLflow keeps no history of aliases, and because
the tags of a version go with the version.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Action = Literal["promote", "rollback", "register"]
KEY = "history."


@dataclass(frozen=True, kw_only=True)
class Event:
    """One change.

    Attributes:
        id: Unique, so that an event that is written twice counts once.
        time: ISO 8601, UTC.
        who: The user.
        action: What was done.
        origin: The champion before; None for none.
        target: The version that the event put forward.
        run_id: Of the run that made it.
        why: In words.
        forced: Whether the gate had refused.
        figures: Of the gate, for the record.
    """

    id: str
    time: str
    who: str
    action: Action
    origin: str | None
    target: str
    run_id: str | None
    why: str
    forced: bool
    figures: Mapping[str, str] = field(default_factory=dict)

    def line(self) -> str:
        """Writes it as JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def parse(cls, line: str) -> "Event":
        """Reads what `line` wrote."""
        return cls(**json.loads(line))


def events(tags: Mapping[str, str]) -> list[Event]:
    """Reads the history from a registered model's tags, oldest first."""
    return [Event.parse(tags[key]) for key in sorted(tags) if key.startswith(KEY)]


def next_key(tags: Mapping[str, str]) -> str:
    """Returns the tag that the next event goes into."""
    last = max((int(key.removeprefix(KEY)) for key in tags if key.startswith(KEY)), default=0)
    return f"{KEY}{last + 1:06d}"


def earlier_champion(history: Sequence[Event], existing: Sequence[str]) -> str | None:
    """Returns the version that was champion before the one that is now; None if none is left.

    A rollback takes the last promotion back, so that two rollbacks go back two steps.

    Args:
        history: Oldest first.
        existing: The versions that were not deleted.
    """
    stack: list[str] = []
    for event in history:
        if event.action == "promote":
            stack.append(event.target)
        elif event.action == "rollback" and stack:
            stack.pop()
            while stack and stack[-1] != event.target:
                stack.pop()
    return next((version for version in reversed(stack[:-1]) if version in existing and version != stack[-1]), None)
