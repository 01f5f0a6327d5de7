"""What a user calls a model: `name@alias`, `name/number` or `name`."""

from bitjaru.errors import TrackingError
from bitjaru.tracking.registry.registry import Registry
from bitjaru.tracking.registry.version import CHAMPION, Version


def resolve(registry: Registry, reference: str | None) -> Version:
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


def must_have(registry: Registry, name: str) -> None:
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
