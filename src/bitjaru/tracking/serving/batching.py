"""Reviews that come together are answered together: one call of the model costs hardly more for many than for one."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bitjaru.tracking.serving.request.limits import Limits

A = TypeVar("A")
ENOUGH = 32  # requests: more of them make an answer of the model no cheaper

log = logging.getLogger(__name__)


class Full(Exception):  # noqa: N818 - named for what is
    """Too many reviews wait already."""


class Failed(Exception):  # noqa: N818
    """The model could not answer; the log says why."""


@dataclass(eq=False)
class _Request(Generic[A]):
    texts: Sequence[str]
    done: "asyncio.Future[list[A]]"
    given: list[A] = field(default_factory=list)

    @property
    def left(self) -> int:
        return len(self.texts) - len(self.given)


@dataclass
class Batcher(Generic[A]):
    """Collects requests while the model is busy, and for some milliseconds when it is not.

    Those who were just answered may ask again at once: it waits for as many as there are, and no longer than the limit.
    A large request is answered in pieces, and small ones pass between them.

    Attributes:
        answer: From N texts to N answers; called in one thread, never twice at a time.
        limits: How much waits, how much is answered at once, and how long it waits for others.
    """

    answer: Callable[[Sequence[str]], Sequence[A]]
    limits: Limits
    _requests: "deque[_Request[A]]" = field(default_factory=deque)
    _rows: int = 0
    _expected: int = 1
    _enough: "asyncio.Future[None] | None" = None
    _working: "asyncio.Task[None] | None" = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="model"))

    @property
    def waiting(self) -> int:
        """Reviews without an answer."""
        return self._rows

    async def answers(self, texts: Sequence[str]) -> Sequence[A]:
        """Returns the answers to some texts, in their order.

        Raises:
            Full: If too many wait; none of these is answered.
            Failed: If the model cannot answer them.
        """
        if not texts:
            return []
        # A single request of any size is taken when nobody else waits: its own limit is that of rows.
        if self._rows and self._rows + len(texts) > self.limits.waiting:
            raise Full
        request: _Request[A] = _Request(texts, asyncio.get_running_loop().create_future())
        self._requests.append(request)
        self._rows += len(texts)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        elif self._enough is not None and len(self._requests) >= self._expected:
            self._go_on()
        try:
            return await request.done
        finally:
            self._rows -= len(texts)

    async def _work(self) -> None:
        try:
            while self._requests:
                taken = self._next()
                if taken:
                    await self._answer(taken)
                self._expected = min(len(taken) + len(self._requests), ENOUGH)
                await self._wait_for_others()
        finally:
            self._working = None

    async def _wait_for_others(self) -> None:
        if len(self._requests) >= self._expected:
            return
        loop = asyncio.get_running_loop()
        self._enough = loop.create_future()
        timer = loop.call_later(self.limits.milliseconds / 1_000, self._go_on)
        await self._enough
        timer.cancel()
        self._enough = None

    def _go_on(self) -> None:
        if self._enough is not None and not self._enough.done():
            self._enough.set_result(None)

    def _next(self) -> "list[tuple[_Request[A], int]]":
        """Takes as much as is answered at once; what is left of a large request goes behind the others."""
        taken, room, unfinished = [], self.limits.together, []
        while self._requests and room:
            request = self._requests.popleft()
            if request.done.done():  # its sender has gone away, or has waited too long
                continue
            rows = min(request.left, room)
            taken.append((request, rows))
            room -= rows
            if rows < request.left:
                unfinished.append(request)
        self._requests.extend(unfinished)
        return taken

    async def _answer(self, taken: "list[tuple[_Request[A], int]]") -> None:
        texts = [
            text for request, rows in taken for text in request.texts[len(request.given) : len(request.given) + rows]
        ]
        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._thread, self.answer, texts)
        except Exception:
            log.exception("The model could not answer %s reviews.", f"{len(texts):,}")
            for request, _ in taken:
                if not request.done.done():
                    request.done.set_exception(Failed())
            return
        place = 0
        for request, rows in taken:
            request.given += answers[place : place + rows]
            place += rows
            if not request.left and not request.done.done():
                request.done.set_result(request.given)
