"""Clients that take hardly any of the processors that they share with the server: one thread, raw sockets.

Requests are made before the clock starts, and answers are read after it has stopped.
"""

import json
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """What all clients saw.

    Attributes:
        milliseconds: Of each answer.
        answers: Status, number of the review, and body of each.
        lost: Connections that ended without an answer.
    """

    milliseconds: list[float] = field(default_factory=list)
    answers: list[tuple[int, int, bytes]] = field(default_factory=list)
    lost: int = 0


@dataclass
class Client:
    """One connection, and the review that it waits for."""

    connection: socket.socket
    review: int
    sent: float = 0.0
    received: bytes = b""


def request(text: str) -> bytes:
    """Returns a request for one review, as bytes."""
    body = json.dumps({"dataframe_records": [{"text": text}]}).encode()
    head = f"host: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return b"POST /invocations HTTP/1.1\r\n" + head.encode() + body


def ask(port: int, texts: Sequence[str], *, clients: int, seconds: float) -> Seen:
    """Lets every client ask one review after the other, each beginning elsewhere among the texts.

    Args:
        port: Of this machine.
        texts: Asked for in turn.
        clients: How many ask at the same time.
        seconds: How long new requests are sent.
    """
    requests = [request(text) for text in texts]
    seen, poll = Seen(), select.epoll()
    connected: dict[int, Client] = {}
    for number in range(clients):
        connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected[connection.fileno()] = Client(connection, number * len(texts) // clients)
        poll.register(connection, select.EPOLLIN)
    until = time.perf_counter() + seconds
    for client in connected.values():
        _send(client, requests)
    while connected:
        for place, _ in poll.poll(60):
            client = connected[place]
            whole = _receive(client, seen)
            if whole and time.perf_counter() < until:
                client.review = (client.review + 1) % len(texts)
                _send(client, requests)
            elif whole or whole is None:
                poll.unregister(place)
                connected.pop(place).connection.close()
    return seen


def _send(client: Client, requests: Sequence[bytes]) -> None:
    client.received = b""
    client.sent = time.perf_counter()
    client.connection.sendall(requests[client.review])


def _receive(client: Client, seen: Seen) -> bool | None:
    """Reads what came; whether the answer is whole, None where the connection ended without one."""
    came = client.connection.recv(65536)
    client.received += came
    head, found, body = client.received.partition(b"\r\n\r\n")
    if not came:
        seen.lost += 1
        return None
    if not found or len(body) < _length(head):
        return False
    seen.milliseconds.append(1000 * (time.perf_counter() - client.sent))
    seen.answers.append((int(head[9:12]), client.review, body))
    return True


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length: ")
    return int(rest.split(b"\r\n", 1)[0])


def predictions(body: bytes) -> list[dict[str, Any]]:
    """Returns the rows of an answer."""
    rows: list[dict[str, Any]] = json.loads(body)["predictions"]
    return rows
