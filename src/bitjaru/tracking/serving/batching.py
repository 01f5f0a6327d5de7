"""Reviews that come together are answered together: one call of the model costs hardly more for many than for one."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bitjaru.tracking.serving.limits import Limits

A = TypeVar("A")


class Full(Exception):  # noqa: N818 - named for what is
    """Too many reviews wait already."""


@dataclass
class _Request(Generic[A]):
    texts: Sequence[str]
    answers: "asyncio.Future[Sequence[A]]"


@dataclass
class Batcher(Generic[A]):
    """Collects requests while the model is busy, and for some milliseconds when it is not.

    Attributes:
        answer: From N texts to N answers; called in one thread, never twice at a time.
        limits: How much waits, and how much is answered at once.
    """

    answer: Callable[[Sequence[str]], Sequence[A]]
    limits: Limits
    _requests: "deque[_Request[A]]" = field(default_factory=deque)
    _rows: int = 0
    _working: "asyncio.Task[None] | None" = None
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="model"))

    async def answers(self, texts: Sequence[str]) -> Sequence[A]:
        """Returns the answers to some texts, in their order.

        Raises:
            Full: If too many wait; none of these is answered.
        """
        # A single request of any size is taken when nobody else waits: its own limit is that of rows.
        if self._rows and self._rows + len(texts) > self.limits.waiting:
            raise Full
        request: _Request[A] = _Request(texts, asyncio.get_running_loop().create_future())
        self._requests.append(request)
        self._rows += len(texts)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await request.answers

    async def _work(self) -> None:
        try:
            await asyncio.sleep(self.limits.milliseconds / 1_000)
            while self._requests:
                await self._answer(self._next())
        finally:
            self._working = None

    def _next(self) -> "list[_Request[A]]":
        taken = [self._requests.popleft()]
        rows = len(taken[0].texts)
        while self._requests and rows + len(self._requests[0].texts) <= self.limits.together:
            taken.append(self._requests.popleft())
            rows += len(taken[-1].texts)
        return taken

    async def _answer(self, taken: "list[_Request[A]]") -> None:
        texts = [text for request in taken for text in request.texts]
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._thread, self.answer, texts)
        except Exception as error:
            for request in taken:
                if not request.answers.done():
                    request.answers.set_exception(error)
            return
        finally:
            self._rows -= len(texts)
        place = 0
        for request in taken:
            if not request.answers.done():  # else its sender has gone away
                request.answers.set_result(answers[place : place + len(request.texts)])
            place += len(request.texts)
