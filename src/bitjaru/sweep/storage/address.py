"""The address of a study storage: its file, its server, and what of it may be shown."""

from pathlib import Path

import sqlalchemy.exc
from sqlalchemy.engine import make_url

from bitjaru import project
from bitjaru.errors import ConfigError

JOURNAL = "journal:"
SQLITE = "sqlite:///"


def absolute(address: str) -> str:
    """Returns the address with its file, if it names one, as an absolute path."""
    if address.startswith(JOURNAL):
        return f"{JOURNAL}{file_of(address.removeprefix(JOURNAL))}"
    if not address.startswith(SQLITE) or address in (SQLITE, f"{SQLITE}:memory:"):
        return address
    return f"{SQLITE}{file_of(address.removeprefix(SQLITE))}"


def local(address: str | None) -> str | None:
    """Returns the address of a plain Hydra program: its relative files lie where it was started."""
    for kind in (JOURNAL, SQLITE):
        if address is not None and address.startswith(kind) and address not in (SQLITE, f"{SQLITE}:memory:"):
            return f"{kind}{Path.cwd() / Path(address.removeprefix(kind)).expanduser()}"
    return address


def file_of(name: str) -> Path:
    """Returns the absolute path of a storage's file; relative ones lie under the project's folder."""
    named = Path(name).expanduser()
    if named.is_absolute():
        return named
    path = project.home() / named
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def file_behind(address: str) -> Path | None:
    """Returns the file in which an address keeps studies; None for memory and for servers."""
    plain = absolute(address)
    named = next((plain.removeprefix(kind) for kind in (JOURNAL, SQLITE) if plain.startswith(kind)), "")
    return Path(named) if named not in {"", ":memory:"} else None


def is_on_a_server(address: str) -> bool:
    """Returns whether other hosts may reach the same storage."""
    return not address.startswith((JOURNAL, "sqlite"))


def shown(address: str) -> str:
    """Returns the address without its password, for messages."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except sqlalchemy.exc.ArgumentError:
        return address


def check_secret(written: str | None) -> None:
    """Refuses a password in the config: that is kept beside every trial.

    Args:
        written: The address as it stands in the config, its interpolations not resolved.

    Raises:
        ConfigError: If it holds a password.
    """
    if written is None or "${" in written:
        return
    try:
        secret = make_url(written).password
    except sqlalchemy.exc.ArgumentError:
        return
    if secret:
        raise ConfigError(
            "`hydra.sweeper.storage` must hold no password, since configs are kept beside every trial. Received: "
            f"{shown(written)}. Leave it to the driver (PGPASSWORD or ~/.pgpass), or name a variable that holds the "
            "address: hydra.sweeper.storage='${oc.env:BITJARU_STORAGE}'."
        )
