"""The server of a model, for uvicorn: MLflow's forms and answers, reviews that come together answered together.

The usual forms are read here and answered by the batcher. The others go to MLflow's scoring server, with a layer around
it: MLflow 3.17 puts the stack trace into its answer where a model or the CSV reader fails, repeats the whole input in
some reasons, and answers 500 to a request without a content type or with JSON that is nested too deep. The model is
loaded with the installed package; the code that MLflow keeps beside it is never imported.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from bitjaru.models import manifest
from bitjaru.models.bundle import Bundle
from bitjaru.tracking.models.raw_text import RawText
from bitjaru.tracking.serving import texts_of_request
from bitjaru.tracking.serving.batching import Batcher, Full
from bitjaru.tracking.serving.limits import Limits
from bitjaru.tracking.serving.metrics import KIND, Metrics

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

INVOCATIONS, METRICS = "/invocations", "/metrics"
FOLDER, TOKEN, NAME = "BITJARU_SERVING_FOLDER", "BITJARU_SERVING_TOKEN", "BITJARU_SERVING_NAME"
OPEN = ("/ping", "/health")  # a balancer asks them without a token
JSON = b"application/json"
REASON = 500
log = logging.getLogger(__name__)
Answer = tuple[int, bytes, bytes]
Headers = list[tuple[bytes, bytes]]


class Application:
    """An ASGI application around MLflow's: what it refuses is told as JSON with `error_code` and `message`.

    Args:
        inner: Answers what is asked in no usual form.
        model: Answers texts.
        limits: How much it takes on.
        token: Every request must bring; empty for none.
        headers: Of every answer.
    """

    def __init__(
        self, inner: Any, model: RawText, limits: Limits, token: str, headers: list[tuple[bytes, bytes]]
    ) -> None:
        self._inner, self._limits, self._headers = inner, limits, headers
        self._authorization = f"Bearer {token}".encode() if token else b""
        self._batcher = Batcher(model.answers, limits)
        self._metrics = Metrics()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        began, rows = time.perf_counter(), 0
        if not self._is_allowed(scope):
            answer = _reason(401, "A request needs the server's token. Send `Authorization: Bearer TOKEN`.")
        elif scope["path"] == METRICS and scope["method"] == "GET":
            answer = 200, KIND, self._metrics.text()
        elif scope["path"] == INVOCATIONS and scope["method"] == "POST":
            answer, rows = await self._invoked(scope, receive)
        else:
            answer = await self._ask(scope, b"", explained=False)
        if scope["path"] == INVOCATIONS:
            self._metrics.count(answer[0], rows, time.perf_counter() - began)
        await self._tell(send, *answer)

    def _is_allowed(self, scope: Message) -> bool:
        if not self._authorization or scope["path"] in OPEN:
            return True
        return secrets.compare_digest(dict(scope["headers"]).get(b"authorization", b""), self._authorization)

    async def _invoked(self, scope: Message, receive: Receive) -> tuple[Answer, int]:
        kind = dict(scope["headers"]).get(b"content-type", b"").strip()
        if not kind:
            return _reason(400, "A request needs a content type. Received: none. Send `application/json`."), 0
        body = await _body(receive, self._limits.megabytes << 20)
        if body is None:
            most = self._limits.megabytes
            return _reason(413, f"A request may hold {most} MB. Received: more. Send fewer rows at once."), 0
        content = texts_of_request.read(body) if kind.split(b";")[0].lower() == JSON else None
        rows = texts_of_request.rows_of(content) if content is not None else body.count(b"\n")
        if rows > self._limits.rows:
            said = f"A request may hold {self._limits.rows:,} rows. Received: {rows:,}. Send fewer at once."
            return _reason(413, said), 0
        asked = texts_of_request.asked(content)
        if asked is None:
            return await self._ask(scope, body, explained=True), rows
        try:
            answers = await self._batcher.answers(asked.texts)
        except Full:
            return _reason(503, f"{self._limits.waiting:,} reviews wait already. Ask again in a second."), 0
        return (200, JSON, texts_of_request.predictions(answers, probabilities=asked.probabilities)), rows

    async def _ask(self, scope: Message, body: bytes, *, explained: bool) -> Answer:
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
        if status < 400 or not explained:
            return status, content_type, content
        return _reason(400 if status in {415, 422} else status, _message(content))

    async def _tell(self, send: Send, status: int, content_type: bytes, body: bytes) -> None:
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *self._headers]
        if status == 503:
            headers.append((b"retry-after", b"1"))
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def create() -> Application:
    """Makes the application of the model that `bitjaru serve` names; uvicorn calls it in each of its processes."""
    from mlflow.models import Model
    from mlflow.pyfunc import PyFuncModel, scoring_server

    folder = Path(os.environ[FOLDER])
    model = RawText(Bundle.load(folder / "data"))
    inner = scoring_server.init(PyFuncModel(Model.load(str(folder)), model))
    headers = [
        (b"x-model", os.environ.get(NAME, folder.name).encode(errors="replace")),
        (b"x-model-sha256", manifest.sum_of(folder / "data").encode()),
    ]
    return Application(inner, model, Limits.read(), os.environ.get(TOKEN, ""), headers)


async def _body(receive: Receive, most: int) -> bytes | None:
    """Reads the whole request; None if it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
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


def _reason(status: int, message: str) -> Answer:
    shown = message if len(message) <= REASON else f"{message[:REASON]}…"
    code = "BAD_REQUEST" if status < 500 else "INTERNAL_ERROR"
    return status, b"application/json", json.dumps({"error_code": code, "message": shown}).encode()
