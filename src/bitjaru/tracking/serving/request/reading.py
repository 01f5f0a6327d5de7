"""Reading a request as it arrives: what is too large or too slow is refused as soon as that shows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from bitjaru.tracking.serving.request.limits import Limits
from bitjaru.tracking.serving.request.refusals import Refused
from bitjaru.tracking.serving.request.rows import LEAST_BYTES, RowCounter
from bitjaru.tracking.serving.request.texts import (
    Asked,
    of_csv,
    of_json,
    said_of_rows,
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
JSON, CSV = "application/json", "text/csv"


class Incoming:
    """A request's body on its way.

    Attributes:
        whole: Whether all of it is here, or its sender has gone.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.whole = False

    async def next(self) -> bytes:
        """Returns the next piece.

        Raises:
            Refused: If the sender has gone.
        """
        message = await self._receive()
        self.whole = not message.get("more_body", False)
        if message["type"] != "http.request":
            raise Refused(400, "The body must be whole. Received: a part of it.")
        piece: bytes = message.get("body", b"")
        return piece

    async def drop(self, seconds: float) -> None:
        """Reads what is left and forgets it: who is still sending would not see an answer, but a broken connection."""
        with suppress(Refused, TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.whole:
                    await self.next()

    async def end(self) -> None:
        """Waits until the sender of a whole request has gone."""
        await self._receive()


async def read_request(headers: Mapping[bytes, bytes], incoming: Incoming, limits: Limits, until: float) -> Asked:
    """Reads a request's head and body.

    Args:
        headers: By their names in small letters.
        incoming: The body.
        limits: Of the server.
        until: When it must be there, on the loop's clock.

    Raises:
        Refused: If it is of no known kind or form, over a limit (what is not there yet is not waited for), or too slow.
    """
    kind = _kind(headers)
    if int(headers.get(b"content-length", b"0")) > limits.megabytes << 20:
        raise _too_many_bytes(limits)
    try:
        body = await _body(incoming, limits, until, count_rows=kind == JSON)
    except TimeoutError as error:
        pause = f"without a pause of {limits.seconds_to_send:g}"
        raise Refused(408, f"A request must be sent within {limits.seconds:g} seconds, {pause}.") from error
    return of_json(body, limits) if kind == JSON else of_csv(body, limits)


def _kind(headers: Mapping[bytes, bytes]) -> str:
    told = headers.get(b"content-type", b"").decode("latin1")
    kind, *parameters = (part.strip().lower() for part in told.split(";"))
    if kind not in {JSON, CSV}:
        raise Refused(400, f"A request's content type must be {JSON} or {CSV}. Received: {told[:80] or 'none'}.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise Refused(400, f"A request must be in UTF-8. Received: {told[:80]}.")
    return kind


async def _body(incoming: Incoming, limits: Limits, until: float, *, count_rows: bool) -> bytes:
    now = asyncio.get_running_loop().time
    parts: list[bytes] = []
    size, counter, counted = 0, RowCounter(), 0
    async with asyncio.timeout_at(min(now() + limits.seconds_to_send, until)) as patience:
        while not incoming.whole:
            parts.append(await incoming.next())
            size += len(parts[-1])
            if size > limits.megabytes << 20:
                raise _too_many_bytes(limits)
            if count_rows and size > limits.rows * LEAST_BYTES:  # a smaller one cannot hold too many
                for part in parts[counted:]:
                    if counter.feed(part) > limits.rows:
                        raise Refused(413, said_of_rows(limits, f"{counter.rows:,} and more"))
                counted = len(parts)
            patience.reschedule(min(now() + limits.seconds_to_send, until))
    return b"".join(parts)


def _too_many_bytes(limits: Limits) -> Refused:
    return Refused(413, f"A request may hold {limits.megabytes} MB. Received: more. Send fewer rows at once.")
