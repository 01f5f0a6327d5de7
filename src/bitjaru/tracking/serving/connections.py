"""Connections that are bounded in number and in time, below uvicorn's application.

uvicorn ends a connection that is silent after an answer, but waits for ever for the head of a request.
"""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from bitjaru.tracking.serving.request.refusals import Answer, headers_of, refusal


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's own, with a bound of connections, of seconds until a head is there, and reasons in JSON.

    The numbers are uvicorn's `limit_concurrency` and `timeout_keep_alive`.
    """

    _timer: TimerHandle | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # uvicorn would refuse in words, and only after the head.
        self._most, self.limit_concurrency = self.limit_concurrency, None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Takes a connection, or refuses it where there are too many."""
        super().connection_made(transport)
        if self._most is not None and len(self.connections) > self._most:
            self._refuse(refusal(503, f"{self._most:,} connections are open already. Ask again in a second."))
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Reads what came; the head of a next request must be whole in time, as that of the first."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._timer is None and self.parser is not None and (self.cycle is None or self.cycle.response_complete):
            self._await_head()

    def on_headers_complete(self) -> None:
        """Stops the clock: from here on the application looks at it."""
        self._forget_timer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        self._forget_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Says in JSON what uvicorn says in words."""
        self._refuse(refusal(400, f"A request must be HTTP. Received: {msg}"))

    def timeout_keep_alive_handler(self) -> None:
        """Ends a connection that is silent, or that never reads its answer."""
        self.transport.abort()

    def _await_head(self) -> None:
        self._timer = self.loop.call_later(self.timeout_keep_alive, self._too_slow)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        self._refuse(
            refusal(408, f"A request must be sent within {self.timeout_keep_alive} seconds. Received: a part of it.")
        )

    def _refuse(self, answer: Answer) -> None:
        if self.transport.is_closing():
            return
        headers = [*self.server_state.default_headers, *headers_of(answer), (b"connection", b"close")]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[answer[0]] + lines + b"\r\n" + answer[2])
        self.transport.close()
