"""A web server on this machine that publishes files, and can be as unreliable as a real one."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Publisher:
    """What is published, and how badly.

    Attributes:
        address: `http://127.0.0.1:PORT`.
        files: Content by path.
        cuts: For each coming answer, after how many bytes the connection is cut.
        ranges: Whether a part of a file can be asked for.
        status: Answered to everything, if it is not 200.
        pause: Seconds before each answer.
        asked: The `Range` header of each request, or an empty text.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 200
    pause: float = 0.0
    asked: list[str] = field(default_factory=list)


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Runs the server as long as the block lasts."""
    publisher = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            publisher.asked.append(self.headers.get("Range", ""))
            time.sleep(publisher.pause)
            if publisher.status != 200:
                self.send_error(publisher.status)
                return
            data = publisher.files[self.path]
            start = self._start() if publisher.ranges else 0
            if start and start >= len(data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start:][: publisher.cuts.pop(0) if publisher.cuts else None])
            self.close_connection = True

        def _start(self) -> int:
            return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        publisher.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield publisher
        server.shutdown()
        thread.join()
