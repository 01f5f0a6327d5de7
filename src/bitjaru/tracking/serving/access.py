"""Who may ask the server."""

import secrets
from collections.abc import Mapping, Sequence

from bitjaru.tracking.serving.request.refusals import Refused
from bitjaru.tracking.serving.settings import Settings

OPEN = ("/ping", "/health", "/ready")  # a balancer asks them without a token


def check_access(settings: Settings, path: str, headers: Mapping[bytes, bytes]) -> None:
    """Checks the name by which a request calls the server, and its token.

    Raises:
        Refused: If one of them is not the server's.
    """
    if settings.hosts and not _is_named(headers.get(b"host", b""), settings.hosts):
        raise Refused(400, "The server does not answer to this name. See `--allowed-hosts`.")
    if not settings.token or path in OPEN:
        return
    if not secrets.compare_digest(headers.get(b"authorization", b""), f"Bearer {settings.token}".encode()):
        raise Refused(401, "A request needs the server's token. Send `Authorization: Bearer TOKEN`.")


def _is_named(host: bytes, allowed: Sequence[str]) -> bool:
    """Whether a request calls the server by one of its names; a port does not matter."""
    name = host.decode("latin1").lower()
    name = name.rpartition(":")[0] if ":" in name.rpartition("]")[2] else name
    return any(name.endswith(each[1:]) if each.startswith("*") else name == each for each in allowed)
