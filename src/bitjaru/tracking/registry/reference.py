"""What a user calls a model: `name@alias`, `name/number` or `name`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.version import CHAMPION, Version, read_version
from bitjaru.tracking.store.registered_rows import RegisteredRows, registered_rows


class Models(Protocol):
    """Knows which models are registered."""

    def names(self) -> list[str]:
        """Returns the names of all models."""

    def versions(self, name: str) -> Sequence[Version]:
        """Returns the versions of a model, oldest first."""


@dataclass(frozen=True)
class ReadAtOnce:
    """All models as they were at one moment.

    Attributes:
        rows: Of the database.
    """

    rows: RegisteredRows

    def names(self) -> list[str]:
        """Returns the names of all models."""
        return sorted(self.rows.aliases)

    def versions(self, name: str) -> Sequence[Version]:
        """Returns the versions of a model, oldest first."""
        return [read_version(row, self.rows.aliases[name]) for row in self.rows.versions.get(name, ())]


def find_at_once(uri: str, reference: str | None) -> Version | None:
    """Finds a version in a database file of our own without MLflow, whose import takes seconds.

    Args:
        uri: Of the store.
        reference: As for `resolve`.

    Returns:
        The version; None where MLflow must be asked.

    Raises:
        TrackingError: If there is none; says which exist.
    """
    rows = registered_rows(uri)
    return None if rows is None else resolve(ReadAtOnce(rows), reference)


def resolve(registry: Models, reference: str | None) -> Version:
    """Finds a version by `name@alias`, `name/number` or `name`, which means its champion.

    The name of a data set will do where one model is registered that learned from it: `proverbs@champion`.

    Args:
        registry: To look in.
        reference: None means the only model that there is.

    Raises:
        TrackingError: If there is none; says which exist.
    """
    names = registry.names()
    if reference is None:
        if len(names) != 1:
            raise TrackingError(
                "`--model` may be left out where there is one model. "
                f"Received: {', '.join(names) or 'there is none. `bitjaru promote` registers one'}."
            )
        reference = names[0]
    name, alias, number = _split(reference)
    if name not in names and len(of_data := [one for one in names if one.startswith(f"{name}-")]) == 1:
        name = of_data[0]
    must_have(registry, name)
    versions = registry.versions(name)
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


def must_have(registry: Models, name: str) -> None:
    """Checks that a model is registered.

    Raises:
        TrackingError: If it is not; says which are.
    """
    if name not in (names := registry.names()):
        known = f"There are: {', '.join(names)}." if names else "There is none: `bitjaru promote` registers one."
        raise TrackingError(f"A model must be registered. Received: {name!r}. {known}")


def _split(reference: str) -> tuple[str, str | None, str | None]:
    """Returns name, alias and number; one of the last two is None."""
    for mark in ("@", "/"):
        name, found, rest = reference.removeprefix("models:/").rpartition(mark)
        if found:
            return (name, rest, None) if mark == "@" else (name, None, rest)
    return reference, CHAMPION, None
