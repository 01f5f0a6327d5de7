"""What bounds a server: who sends slowly, much, or for ever; who asks while it starts or ends; its processes."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
import requests
from served import ask, running, started, wait
from tiny_linear_model import linear_bundle, save_linear

from bitjaru.errors import ConfigError
from bitjaru.tracking.serving.model_server import allowed_hosts
from bitjaru.tracking.serving.request.limits import Limits

HEAD = b"POST /invocations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_linear(tmp_path_factory.mktemp("bounds"))


@pytest.fixture(scope="module")
def hurried(folder: Path) -> Iterator[str]:
    """A server that waits two seconds for a sender, and has room for 300 connections."""
    limits = Limits(seconds_to_send=2, seconds=6, connections=300, rows=1_000, characters=50)
    with running(folder, limits=limits) as address:
        yield address


def connected(address: str) -> socket.socket:
    _, port = address.rsplit(":", 1)
    return socket.create_connection(("127.0.0.1", int(port)), timeout=30)


def all_of(connection: socket.socket) -> bytes:
    """Returns what comes until the other side ends the connection."""
    came = b""
    while piece := connection.recv(65536):
        came += piece
    return came


@pytest.mark.parametrize("half", [b"", b"POST /invoc", HEAD], ids=["silent", "half a line", "half a head"])
def test_many_half_open_connections_are_ended_and_others_answered_meanwhile(hurried: str, half: bytes) -> None:
    with ExitStack() as stack:
        began = time.monotonic()
        slow = [stack.enter_context(connected(hurried)) for _ in range(200)]
        for connection in slow:
            connection.sendall(half)
        assert ask(hurried, {"inputs": ["great"]}).status_code == 200
        said = [all_of(connection) for connection in slow]
        assert all(each.startswith(b"HTTP/1.1 408 ") for each in said)
        assert time.monotonic() - began < 30


def test_a_body_that_stops_gets_408(hurried: str) -> None:
    with connected(hurried) as stopping:
        stopping.sendall(HEAD + b"content-length: 1000\r\n\r\n{")
        assert all_of(stopping).startswith(b"HTTP/1.1 408 ")


@pytest.mark.slow
def test_a_body_that_drips_gets_408_when_its_time_is_over(hurried: str) -> None:
    with connected(hurried) as dripping:
        dripping.sendall(HEAD + b"content-length: 1000\r\n\r\n{")
        dripping.settimeout(0.5)
        began, said = time.monotonic(), b""
        while not said and time.monotonic() - began < 30:
            dripping.sendall(b" ")
            try:
                said = dripping.recv(4096)
            except TimeoutError:
                continue
        assert said.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began > 5


def test_more_connections_than_there_is_room_for_get_503_and_a_reason(hurried: str) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connected(hurried))
        time.sleep(0.5)
        said = all_of(stack.enter_context(connected(hurried))).decode()
    assert said.startswith("HTTP/1.1 503 ")
    assert "retry-after: 1" in said
    assert "300 connections" in said


def test_rows_are_refused_while_they_come_and_the_sender_hears_why(hurried: str) -> None:
    rows = b",".join([b'{"text": "good film"}'] * 500_000)
    body = b'{"dataframe_records": [' + rows + b"]}"
    with connected(hurried) as connection:
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(body) + body[: 1 << 20])
        said = connection.recv(65536).decode()  # the rest was not sent
    assert said.startswith("HTTP/1.1 413 ")
    for headers in ({}, {"connection": "close"}):  # nobody who sends it whole meets a broken connection
        answer = ask(hurried, body, **headers)
        assert answer.status_code == 413
        assert "1,000 rows" in answer.json()["message"]


@pytest.mark.slow
def test_the_memory_of_a_server_does_not_follow_what_it_refuses(folder: Path) -> None:
    body = b'{"inputs": [' + b",".join([b'"good"'] * 3_000_000) + b"]}"
    with started(folder) as server:
        wait(server)
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        assert ask(server.address, body).status_code == 413
        assert process.memory_info().rss - before < 2 * len(body)


def test_a_long_text_is_refused_in_every_form(hurried: str) -> None:
    for content in ({"inputs": ["a" * 51]}, {"dataframe_records": [{"text": "a" * 51}]}):
        answer = ask(hurried, content)
        assert (answer.status_code, "50 characters. Received: 51" in answer.json()["message"]) == (413, True)
    answer = ask(hurried, b"text\n" + b"a" * 51, **{"content-type": "text/csv"})
    assert answer.status_code == 413
    assert ask(hurried, {"inputs": ["a" * 50]}).status_code == 200


def test_a_server_that_starts_is_alive_and_not_ready(folder: Path) -> None:
    with started(folder) as server:
        wait(server, "/ping")
        early = [requests.get(f"{server.address}/ready", timeout=5), ask(server.address, {"inputs": ["great"]})]
        wait(server)
        assert ask(server.address, {"inputs": ["great"]}).status_code == 200
    assert {answer.status_code for answer in early} <= {503, 200}
    assert all(answer.headers["retry-after"] == "1" for answer in early if answer.status_code == 503)


def test_a_model_that_cannot_be_loaded_ends_the_server_with_a_sentence(tmp_path: Path) -> None:
    folder = save_linear(tmp_path)
    (folder / "data" / "weights.npz").write_bytes(b"nothing")
    with started(folder) as server:
        assert server.process.wait(120) == 3
        said = server.log.read_text()
    assert "The model cannot be loaded" in said
    assert "Traceback" not in said


def test_told_to_stop_it_answers_what_runs_takes_nothing_new_and_ends_with_status_0(folder: Path) -> None:
    texts = ["great film"] * 50_000
    with (
        started(folder, limits=Limits(seconds_to_end=100)) as server,
        ThreadPoolExecutor(1) as pool,
        ExitStack() as stack,
    ):
        wait(server)
        idle = stack.enter_context(connected(server.address))
        running = pool.submit(ask, server.address, {"inputs": texts})
        while "bitjaru_waiting_reviews 50000" not in requests.get(f"{server.address}/metrics", timeout=60).text:
            assert not running.done()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.address}/ping", timeout=5)
        assert all_of(idle) == b""
        answer = running.result()
        assert (answer.status_code, len(answer.json()["predictions"])) == (200, len(texts))
        assert server.process.wait(60) == 0


@pytest.mark.slow
def test_workers_are_ready_together_count_together_and_end_together(folder: Path) -> None:
    with started(folder, workers=2) as server:
        wait(server)
        children = psutil.Process(server.process.pid).children(recursive=True)
        for _ in range(20):  # each on a connection of its own
            assert ask(server.address, {"inputs": ["great", "bad"]}).status_code == 200
        counts = requests.get(f"{server.address}/metrics", timeout=5).text
        server.process.terminate()
        assert server.process.wait(60) == 0
    assert 'bitjaru_requests_total{status="200"} 20' in counts
    assert "bitjaru_reviews_total 40" in counts
    assert "bitjaru_ready_workers 2" in counts
    _, left = psutil.wait_procs(children, timeout=10)  # what tracks shared memory notices only then that it is alone
    assert not [child for child in left if child.status() != psutil.STATUS_ZOMBIE]


def test_only_the_servers_own_names_are_answered(folder: Path) -> None:
    with running(folder, hosts=("localhost", "127.0.0.1", "*.example.org")) as server:
        for name, status in (
            ("localhost:80", 200),
            ("127.0.0.1", 200),
            ("films.example.org", 200),
            ("LOCALHOST", 200),
            ("example.com", 400),
            ("evil-localhost", 400),
        ):
            assert requests.get(f"{server}/ping", headers={"host": name}, timeout=5).status_code == status


def test_a_server_for_this_machine_answers_to_its_names_only_and_others_to_all() -> None:
    assert allowed_hosts("127.0.0.1", []) == ("localhost", "127.0.0.1", "[::1]", "127.0.0.1")
    assert allowed_hosts("0.0.0.0", []) == ()
    assert allowed_hosts("127.0.0.1", ["*"]) == ()
    assert allowed_hosts("0.0.0.0", ["Example.org"]) == ("example.org",)
    for wrong in ("http://example.org", "a b", "ex*mple.org"):
        with pytest.raises(ConfigError, match="names of hosts"):
            allowed_hosts("0.0.0.0", [wrong])


@pytest.mark.slow
def test_sixty_four_clients_get_answers_or_503_with_a_time_to_come_back(folder: Path) -> None:
    texts = [f"{word} film {number}" for number in range(100) for word in ("great", "bad")]
    expected = {text: answer.label for text, answer in zip(texts, linear_bundle().predict(texts), strict=True)}
    with running(folder, limits=Limits(waiting=40)) as server, ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda text: (text, ask(server, {"inputs": [text]})), texts * 3))
    assert {answer.status_code for _, answer in answers} <= {200, 503}
    assert all(answer.headers["retry-after"] == "1" for _, answer in answers if answer.status_code == 503)
    right = [answer.json()["predictions"][0]["label"] == expected[text] for text, answer in answers if answer.ok]
    assert right
    assert all(right)
