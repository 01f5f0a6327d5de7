"""How one champion follows another: in steps of which each may be the last that a killed process takes."""

from typing import TYPE_CHECKING

from bitjaru.tracking.registry.history import Event, events, next_key
from bitjaru.tracking.registry.version import CHALLENGER, CHAMPION, PREVIOUS

if TYPE_CHECKING:
    from mlflow import MlflowClient

PENDING = "pending"


def change(client: "MlflowClient", name: str, event: Event, *, previous: str | None) -> None:
    """Makes the event's target the champion, and `previous` the way back.

    The intent is written down first, then the way back, then the champion in one write, and last the history.
    """
    before = client.get_registered_model(name).aliases.get(PREVIOUS)
    client.set_registered_model_tag(name, f"{PENDING}.{PREVIOUS}", "" if before is None else str(before))
    client.set_registered_model_tag(name, PENDING, event.line())
    _point(client, name, PREVIOUS, previous)
    client.set_registered_model_alias(name, CHAMPION, event.target)
    _complete(client, name, event)


def _complete(client: "MlflowClient", name: str, event: Event) -> None:
    model = client.get_registered_model(name)
    if event.id not in {each.id for each in events(model.tags)}:
        client.set_registered_model_tag(name, next_key(model.tags), event.line())
    if str(model.aliases.get(CHALLENGER)) == event.target:
        client.delete_registered_model_alias(name, CHALLENGER)
    client.delete_registered_model_tag(name, PENDING)


def put_right(client: "MlflowClient", name: str) -> None:
    """Completes, or takes back, what a killed process left half done."""
    model = client.get_registered_model(name)
    if PENDING not in model.tags:
        return
    event = Event.parse(model.tags[PENDING])
    if str(model.aliases.get(CHAMPION)) == event.target:
        _complete(client, name, event)
        return
    _point(client, name, PREVIOUS, model.tags.get(f"{PENDING}.{PREVIOUS}") or None)
    client.delete_registered_model_tag(name, PENDING)


def _point(client: "MlflowClient", name: str, alias: str, number: str | None) -> None:
    if number is not None:
        client.set_registered_model_alias(name, alias, number)
    elif alias in client.get_registered_model(name).aliases:
        client.delete_registered_model_alias(name, alias)
