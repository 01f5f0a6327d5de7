"""MLflow's model registry: versions, the aliases `challenger`, `champion` and `previous`, and their history."""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from bitjaru import project
from bitjaru.errors import TrackingError
from bitjaru.tracking.candidate import Candidate
from bitjaru.tracking.history import Event, earlier_champion, events, next_key
from bitjaru.tracking.reaching import reached
from bitjaru.tracking.store import SQLITE

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHALLENGER, CHAMPION, PREVIOUS = "challenger", "champion", "previous"
PENDING = "pending"
MODEL_ID = "model_id"
LOCK_SECONDS = 60.0


class Overtaken(TrackingError):  # noqa: N818 - it says what happened
    """Another promotion came first."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A registered version.

    Attributes:
        name: Of the model.
        number: As MLflow writes it, `3`.
        aliases: That point to it.
        tags: Of the version.
        description: Markdown.
        source: Where its files are.
        run_id: Of the run that made it.
        created: When it was registered.
    """

    name: str
    number: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    description: str
    source: str
    run_id: str | None
    created: datetime

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"


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
        read = [_version(each, aliases) for each in found]
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

        Killed at any step, it leaves the old champion or the new one: the intent is written down first, then the
        way back, then the champion in one write, and last the history. Whoever comes next puts the rest right.

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
                _change(client, name, event, previous=event.origin)

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
            _change(client, name, event, previous=after)
        return next(each for each in self.versions(name) if each.number == target)

    def must_have(self, name: str) -> None:
        """Checks that a model is registered.

        Raises:
            TrackingError: If it is not; says which are.
        """
        if name not in (names := self.names()):
            known = f"There are: {', '.join(names)}." if names else "There is none: `bitjaru promote` registers one."
            raise TrackingError(f"A model must be registered. Received: {name!r}. {known}")

    def resolve(self, reference: str | None) -> Version:
        """Finds a version by `name@alias`, `name/number` or `name`, which means its champion.

        Args:
            reference: None means the only model that there is.

        Raises:
            TrackingError: If there is none; says which exist.
        """
        names = self.names()
        if reference is None:
            if len(names) != 1:
                raise TrackingError(
                    "`--model` may be left out where there is one model. "
                    f"Received: {', '.join(names) or 'there is none. `bitjaru promote` registers one'}."
                )
            reference = names[0]
        name, alias, number = _split(reference)
        self.must_have(name)
        versions = self.versions(name)
        for version in versions:
            if version.number == number or (number is None and alias in version.aliases):
                return version
        known = ", ".join(
            f"{name}/{version.number}" + "".join(f" (@{alias})" for alias in version.aliases) for version in versions
        )
        raise TrackingError(
            f"`{reference}` must be a version or an alias of {name}. Received: {alias or number}. "
            f"There are: {known or 'no versions'}."
        )

    @contextmanager
    def _alone(self, name: str) -> "Iterator[MlflowClient]":
        """Keeps other promotions of this machine out, and puts right what a killed one left."""
        lock = _lock(self.uri)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise TrackingError(
                f"One promotion at a time can change the registry. Received: another one has held {lock.lock_file} for "
                f"{LOCK_SECONDS:.0f} s. Wait for it to end."
            ) from error
        try:
            with reached(self.uri) as client:
                _put_right(client, name)
                yield client
        finally:
            lock.release()

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


def _change(client: "MlflowClient", name: str, event: Event, *, previous: str | None) -> None:
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


def _put_right(client: "MlflowClient", name: str) -> None:
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


def _version(found: Any, aliases: Mapping[str, str]) -> Version:
    return Version(
        name=found.name,
        number=str(found.version),
        aliases=tuple(sorted(alias for alias, number in aliases.items() if number == str(found.version))),
        tags=found.tags,
        description=found.description or "",
        source=found.source,
        run_id=found.run_id or None,
        created=datetime.fromtimestamp(found.creation_timestamp / 1000, UTC),
    )


def _split(reference: str) -> tuple[str, str | None, str | None]:
    """Returns name, alias and number; one of the last two is None."""
    for mark in ("@", "/"):
        name, found, rest = reference.removeprefix("models:/").rpartition(mark)
        if found:
            return (name, rest, None) if mark == "@" else (name, None, rest)
    return reference, CHAMPION, None


def _lock(uri: str) -> FileLock:
    """Beside the database; for a server, in the project."""
    if uri.startswith(SQLITE):
        return FileLock(f"{uri.removeprefix(SQLITE)}.promotion.lock")
    name = hashlib.sha256(uri.encode()).hexdigest()[:12]
    path = Path(project.store(), f"promotion-{name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def _pages(search: Any, **arguments: Any) -> list[Any]:
    found: list[Any] = []
    token = None
    while True:
        page = search(page_token=token, **arguments)
        found += page
        token = page.token
        if not token:
            return found
