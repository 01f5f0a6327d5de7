"""The server of a model, for uvicorn: MLflow's forms and answers, reviews that come together answered together.

It listens at once and answers as soon as the model is there: until then it is alive, but not ready. The model is loaded
with the installed package; the code that MLflow keeps beside it is never imported.
"""

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitjaru.errors import BitjaruError
from bitjaru.models import manifest
from bitjaru.tracking.serving import openapi
from bitjaru.tracking.serving.access import check_access
from bitjaru.tracking.serving.batching import Batcher, Failed, Full
from bitjaru.tracking.serving.loading import load, patient
from bitjaru.tracking.serving.metrics import KIND, Metrics
from bitjaru.tracking.serving.request.reading import Incoming, read_request
from bitjaru.tracking.serving.request.refusals import JSON, Answer, Refused, headers_of, refusal
from bitjaru.tracking.serving.request.texts import Asked, predictions
from bitjaru.tracking.serving.settings import Settings

if TYPE_CHECKING:
    from bitjaru.tasks import Answer as OfText
    from bitjaru.tracking.models.raw_text import RawText

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

INVOCATIONS = "/invocations"
STARTUP_FAILURE = 3  # as uvicorn's: a worker that ends with it is not started again
WARM_UP = "처음 묻는 글입니다. The first text."
log = logging.getLogger(__name__)


class Application:
    """An ASGI application: what it refuses is told as JSON with `error_code` and `message`.

    Args:
        settings: Of the server.
        load: Returns the model; called in a thread.
    """

    def __init__(self, settings: Settings, load: "Callable[[], RawText]") -> None:
        self._settings, self._load = settings, load
        self._metrics = Metrics(Path(settings.counts))
        self._sha256 = manifest.sum_of(Path(settings.folder) / "data")
        self._batcher: Batcher[OfText] | None = None
        self._loading: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers a request, or follows the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        began, rows, incoming = time.perf_counter(), 0, Incoming(receive)
        try:
            if scope["path"] == INVOCATIONS:
                answer, rows = await self._invoked(scope, incoming)
            else:
                answer = self._page(scope)
        except Refused as reason:
            answer = refusal(reason.status, reason.message)
        if scope["path"] == INVOCATIONS:
            self._metrics.count(answer[0], rows, time.perf_counter() - began)
        await self._tell(scope, answer, incoming, send)

    async def _tell(self, scope: Message, answer: Answer, incoming: Incoming, send: Send) -> None:
        status, _, body = answer
        headers = headers_of(answer)
        if status == 405:
            headers.append((b"allow", b"POST" if scope["path"] == INVOCATIONS else b"GET, HEAD"))
        slow = status == 408
        if slow:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if not (incoming.whole or slow):
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await incoming.drop(self._settings.limits.seconds_to_send)
            body = b""
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._loading = asyncio.create_task(self._start())
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _start(self) -> None:
        """Loads the model and asks it once, so that the first who asks does not wait for analysers and graphs."""
        try:
            model = await asyncio.to_thread(self._load)
            batcher = Batcher(patient(model.answers), self._settings.limits)
            await asyncio.to_thread(model.answers, [WARM_UP])
        except BitjaruError as error:
            log.error("The model cannot be loaded: %s", error)
            # At once: uvicorn would write a traceback. An analyser's process ends with this one's pipe.
            shutil.rmtree(self._settings.counts, ignore_errors=True)
            os._exit(STARTUP_FAILURE)
        self._batcher = batcher
        self._metrics.tell(ready=True, waiting=0)

    def _page(self, scope: Message) -> Answer:
        path, method = scope["path"], scope["method"]
        check_access(self._settings, path, dict(scope["headers"]))
        pages = self._pages()
        if path not in pages:
            raise Refused(404, f"There is no such page. There are: {', '.join([INVOCATIONS, *pages])}.")
        if method not in {"GET", "HEAD"}:
            raise Refused(405, f"`{path}` takes GET. Received: {method}.")
        return pages[path]()

    def _pages(self) -> "dict[str, Callable[[], Answer]]":
        return {
            "/ping": _alive,
            "/health": _alive,
            "/ready": self._ready,
            "/version": lambda: (200, b"text/plain", version("mlflow").encode()),
            "/metrics": self._counts,
            "/openapi.json": lambda: (200, JSON, openapi.document(self._settings)),
            "/docs": lambda: (200, b"text/html; charset=utf-8", openapi.page(self._settings)),
        }

    def _ready(self) -> Answer:
        ready, workers = self._metrics.ready, self._settings.workers
        if ready < workers:
            raise Refused(503, f"{ready} of {workers} workers have loaded the model.")
        return 200, JSON, b'{"status": "ready"}'

    def _counts(self) -> Answer:
        self._metrics.tell(ready=self._batcher is not None, waiting=self._batcher.waiting if self._batcher else 0)
        return 200, KIND, self._metrics.text(self._settings.model, self._sha256)

    async def _invoked(self, scope: Message, incoming: Incoming) -> tuple[Answer, int]:
        """Returns the answer to a request for predictions, and how many reviews were answered."""
        limits, headers = self._settings.limits, dict(scope["headers"])
        check_access(self._settings, INVOCATIONS, headers)
        if scope["method"] != "POST":
            raise Refused(405, f"`{INVOCATIONS}` takes POST. Received: {scope['method']}.")
        if self._batcher is None:
            raise Refused(503, "The model is still being loaded. Ask again in a second.")
        until = asyncio.get_running_loop().time() + limits.seconds
        asked = await read_request(headers, incoming, limits, until)
        try:
            async with asyncio.timeout_at(until):
                answers = await self._answers(self._batcher, asked, incoming)
        except TimeoutError as error:
            said = f"There was no answer within {limits.seconds:g} seconds. Send fewer rows at once."
            raise Refused(503, said) from error
        except Full as error:
            raise Refused(503, f"{limits.waiting:,} reviews wait already. Ask again in a second.") from error
        except Failed as error:
            raise Refused(500, "The model could not answer. The server's log says why.") from error
        return (200, JSON, predictions(answers, probabilities=asked.probabilities)), len(answers)

    async def _answers(self, batcher: "Batcher[OfText]", asked: Asked, incoming: Incoming) -> "Sequence[OfText]":
        """Asks the model; a large request is given up where its sender goes away."""
        if len(asked.texts) <= self._settings.limits.together:
            return await batcher.answers(asked.texts)
        answers = asyncio.create_task(batcher.answers(asked.texts))
        gone = asyncio.create_task(incoming.end())
        try:
            await asyncio.wait([answers, gone], return_when=asyncio.FIRST_COMPLETED)
            if not answers.done():
                raise Failed
            return answers.result()
        finally:
            answers.cancel()
            gone.cancel()


def create() -> Application:
    """Makes the application of the model that `bitjaru serve` names; uvicorn calls it in each of its processes."""
    settings = Settings.read()
    return Application(settings, lambda: load(settings))


def _alive() -> Answer:
    return 200, JSON, b'{"status": "alive"}'
