"""MLflow's scoring server with a layer around it, for uvicorn: bad input gets a reason, never a stack trace.

MLflow 3.17 puts the stack trace into its answer where a model or the CSV reader fails, repeats the whole input in
some reasons, and answers 500 to a request without a content type or with JSON that is nested too deep.
"""

import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mlflow.pyfunc.scoring_server.app import app as scoring_server

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

INVOCATIONS = "/invocations"
BYTES = 64 << 20
REASON = 500
log = logging.getLogger(__name__)


class Explained:
    """An ASGI application around another: what it refuses is told as JSON with `error_code` and `message`.

    Args:
        inner: Answers.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hands on what can be answered, and mends the answer to what cannot."""
        if scope["type"] != "http" or scope["path"] != INVOCATIONS or scope["method"] != "POST":
            await self._inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not headers.get(b"content-type", b"").strip():
            await _refuse(send, 400, "A request needs a content type. Received: none. Send `application/json`.")
            return
        body = await _body(receive)
        if body is None:
            await _refuse(send, 413, f"A request may hold {BYTES >> 20} MB. Received: more. Send fewer rows at once.")
            return
        answer = await self._ask(scope, body)
        await _tell(send, *answer)

    async def _ask(self, scope: Message, body: bytes) -> tuple[int, bytes, bytes]:
        """Returns status, content type and body of the inner application's answer."""
        said: list[Message] = []
        left = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return left.pop() if left else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            said.append(message)

        try:
            await self._inner(scope, receive, send)
        except (RecursionError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError) as error:
            log.warning("Refused a request: %s", error)
            return _reason(400, f"The input cannot be read. Received: {type(error).__name__}: {error}")
        status = int(said[0]["status"])
        content_type = dict(said[0]["headers"]).get(b"content-type", b"text/plain")
        content = b"".join(message.get("body", b"") for message in said[1:])
        if status < 400:
            return status, content_type, content
        return _reason(400 if status in {415, 422} else status, _message(content))


app = Explained(scoring_server)


async def _body(receive: Receive) -> bytes | None:
    """Reads the whole request; None if it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _message(content: bytes) -> str:
    """What MLflow's answer says, without the trace and without the input that it repeats."""
    try:
        said = json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
    message = str(said.get("message", "")) if isinstance(said, dict) else str(said)
    return message.rpartition("\nError: ")[2] if message.startswith("Failed to predict data") else message


def _reason(status: int, message: str) -> tuple[int, bytes, bytes]:
    shown = message if len(message) <= REASON else f"{message[:REASON]}…"
    code = "BAD_REQUEST" if status < 500 else "INTERNAL_ERROR"
    return status, b"application/json", json.dumps({"error_code": code, "message": shown}).encode()


async def _refuse(send: Send, status: int, message: str) -> None:
    await _tell(send, *_reason(status, message))


async def _tell(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
