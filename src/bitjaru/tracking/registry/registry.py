"""MLflow's model registry: versions, the aliases `challenger`, `champion` and `previous`, and their history."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.candidate import Candidate
from bitjaru.tracking.registry.history import Event, earlier_champion, events
from bitjaru.tracking.registry.promotion_lock import one_at_a_time
from bitjaru.tracking.registry.promotion_steps import change, put_right
from bitjaru.tracking.registry.version import CHALLENGER, CHAMPION, MODEL_ID, Version, read_version
from bitjaru.tracking.store.client import reached

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Overtaken(TrackingError):  # noqa: N818 - it says what happened
    """Another promotion came first."""


@dataclass(frozen=True)
class Registry:
    """The registry of one store.

    Attributes:
        uri: Of the store.
    """

    uri: str

    def names(self) -> list[str]:
        """Returns the names of all models."""
        with reached(self.uri) as client:
            return sorted(model.name for model in _pages(client.search_registered_models))

    def versions(self, name: str) -> list[Version]:
        """Returns the versions of a model, oldest first."""
        with reached(self.uri) as client:
            found = _pages(client.search_model_versions, filter_string=f"name = '{name}'")
            aliases = self._aliases(client, name)
        read = [read_version(each, aliases) for each in found]
        return sorted(read, key=lambda version: int(version.number))

    def holder(self, name: str, alias: str) -> Version | None:
        """Returns the version that an alias points to; None if there is none."""
        with reached(self.uri) as client:
            number = self._aliases(client, name).get(alias) if self._exists(client, name) else None
        return None if number is None else next(each for each in self.versions(name) if each.number == number)

    def history(self, name: str) -> list[Event]:
        """Returns what happened to the champion, oldest first; what a killed promotion left is put right before."""
        with self._alone(name) as client:
            return events(client.get_registered_model(name).tags)

    def register(self, name: str, run: Candidate, *, tags: Mapping[str, str], description: str) -> Version:
        """Makes a run's model a version, with the alias `challenger`; a model that is one already stays that one.

        Raises:
            TrackingError: If the name cannot be used, or the store does not answer.
        """
        with reached(self.uri) as client:
            self._create(client, name)
        with self._alone(name) as client:
            known = [each for each in self.versions(name) if each.tags.get(MODEL_ID) == run.model_id]
            all_tags = {**tags, MODEL_ID: run.model_id}
            if known:
                number = known[-1].number
                for key, value in all_tags.items():
                    client.set_model_version_tag(name, number, key, value)
                client.update_model_version(name, number, description)
            else:
                number = client.create_model_version(
                    name, run.source, run_id=run.run_id, tags=all_tags, description=description, model_id=run.model_id
                ).version
            if self._aliases(client, name).get(CHAMPION) != str(number):
                client.set_registered_model_alias(name, CHALLENGER, str(number))
        return next(each for each in self.versions(name) if each.number == str(number))

    def promote(self, name: str, event: Event) -> None:
        """Makes a version the champion.

        Killed at any step, it leaves the old champion or the new one, and whoever comes next puts the rest right.

        Args:
            name: Of the model.
            event: Its `origin` is the champion that the gate has seen; its `target` takes that place.

        Raises:
            Overtaken: If the champion is another one by now.
        """
        with self._alone(name) as client:
            aliases = self._aliases(client, name)
            if aliases.get(CHAMPION) != event.origin:
                raise Overtaken(
                    f"The champion must still be the one that the gate has compared with. Received: version "
                    f"{aliases.get(CHAMPION) or 'none'}, no longer {event.origin or 'none'}: another promotion came "
                    "first. Run `bitjaru promote` again."
                )
            if event.origin != event.target:
                change(client, name, event, previous=event.origin)

    def rollback(self, name: str, event: Event) -> Version:
        """Puts the champion before this one back in its place.

        Args:
            name: Of the model.
            event: Its `origin` and `target` are filled in here.

        Raises:
            TrackingError: If there is no earlier champion.
        """
        existing = [version.number for version in self.versions(name)]
        with self._alone(name) as client:
            tags = client.get_registered_model(name).tags
            target = earlier_champion(events(tags), existing)
            if target is None:
                raise TrackingError(
                    f"A rollback needs an earlier champion. Received: {name!r} has none that still exists. "
                    "`bitjaru champions` shows its history."
                )
            event = dataclasses.replace(event, origin=self._aliases(client, name).get(CHAMPION), target=target)
            after = earlier_champion([*events(tags), event], existing)
            change(client, name, event, previous=after)
        return next(each for each in self.versions(name) if each.number == target)

    @contextmanager
    def _alone(self, name: str) -> "Iterator[MlflowClient]":
        """Keeps other promotions of this machine out, and puts right what a killed one left."""
        with one_at_a_time(self.uri), reached(self.uri) as client:
            put_right(client, name)
            yield client

    @staticmethod
    def _aliases(client: "MlflowClient", name: str) -> dict[str, str]:
        return {alias: str(number) for alias, number in client.get_registered_model(name).aliases.items()}

    def _exists(self, client: "MlflowClient", name: str) -> bool:
        return any(model.name == name for model in _pages(client.search_registered_models))

    def _create(self, client: "MlflowClient", name: str) -> None:
        from mlflow.exceptions import MlflowException

        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise


def _pages(search: Any, **arguments: Any) -> list[Any]:
    found: list[Any] = []
    token = None
    while True:
        page = search(page_token=token, **arguments)
        found += page
        token = page.token
        if not token:
            return found
