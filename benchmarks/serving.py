"""A served model under load, and a whole file of raw reviews: figures of `docs/results.md`.

    python benchmarks/serving.py load nsmc-sentiment@champion ratings_test.txt.gz            # 8 clients, 60 s
    python benchmarks/serving.py file nsmc-sentiment@champion ratings_test.txt.gz
    python benchmarks/serving.py refuse nsmc-sentiment@champion

`load` starts `bitjaru serve`, lets every client ask one review after the other, and compares each answer with what
`bitjaru predict` would say. With `--before CHECKOUT`, the folder of another checkout of this repository, that one's
server is measured in turns with this one, by the same clients. `file` answers every row and compares the accuracy with
the one of the training. `refuse` sends 3,000,000 rows in one request and waits for the refusal.
"""

import argparse
import csv
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import numpy as np
from serving_clients import Seen, ask, predictions

from bitjaru.commands.model.registered_model import model_folder
from bitjaru.models.answers import Answers, accuracy, keys_of
from bitjaru.models.bundle import Bundle
from bitjaru.tasks import Answer

TOLERANCE = 1e-5
MANY, PIECE = 3_000_000, 65_536  # rows; bytes that are sent at a time
REVIEWS, WARMING = 4_000, 3.0  # asked in turn; seconds before the clock starts


def main() -> None:
    """Measures what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "file", "refuse"])
    parser.add_argument("model")
    parser.add_argument("reviews", type=Path, nargs="?", help="a file with the columns `document` and `label`")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--port", type=int, default=5099)
    parser.add_argument("--before", type=Path, help="another checkout, measured in turns with this one")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if asked.what == "load":
        load(asked)
    elif asked.what == "refuse":
        refuse(asked.model, asked.port)
    else:
        whole_file(asked.model, asked.reviews)


def load(asked: argparse.Namespace) -> None:
    """Prints answers a second, latencies, and how many answers were wrong or lost."""
    texts = _texts(asked.reviews)[:REVIEWS]
    expected = Bundle.load(model_folder(asked.model, []) / "data").predict(texts)
    servers = {"now": Path(__file__).parents[1]} | ({"before": asked.before} if asked.before else {})
    a_second: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(asked.repeats):
        for name, checkout in servers.items():
            seen, peak = measured(checkout, asked, texts, more=name == "now")
            a_second[name].append(len(seen.milliseconds) / asked.seconds)
            told(name, seen, asked, expected, peak)
    print(" · ".join(f"{name}: median {median(rates):,.1f} a second" for name, rates in a_second.items()))
    if asked.before:
        print(f"{median(a_second['now']) / median(a_second['before']):.2f} times the answers of the server before")


def refuse(model: str, port: int) -> None:
    """Prints how soon too many rows are refused, what had been sent by then, and what memory that took."""
    body = b'{"dataframe_records": [' + b",".join([b'{"text": "good"}'] * MANY) + b"]}"
    head = f"host: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    command = [sys.executable, "-m", "bitjaru.commands.cli", "serve", model, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait(port, server, "/ready")
            before = memory(server.pid)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                rest, began = memoryview(b"POST /invocations HTTP/1.1\r\n" + head + body), time.perf_counter()
                while not select.select([connection], [], [], 0)[0]:
                    rest = rest[connection.send(rest[:PIECE]) :]
                milliseconds = 1000 * (time.perf_counter() - began)
                said = connection.recv(65536).decode().rpartition("\r\n")[2]
            sent = len(head) + len(body) - len(rest)
            print(
                f"{MANY:,} rows, {len(body) / 1e6:.0f} MB: refused after {milliseconds:.0f} ms and {sent / 1e6:.1f} MB"
            )
            print(f"  {said}\n  the server's memory: {before} before, {memory(server.pid)} after")
        finally:
            server.send_signal(signal.SIGTERM)


def _texts(reviews: Path) -> list[str]:
    import pandas

    table = pandas.read_csv(reviews, sep="\t", keep_default_na=False)
    return [str(text) for text in table["document"] if str(text)]


def measured(checkout: Path, asked: argparse.Namespace, texts: Sequence[str], *, more: bool) -> tuple[Seen, str]:
    """Starts the server of a checkout and asks it; returns what the clients saw, and the memory it took."""
    command = [sys.executable, "-m", "bitjaru.commands.cli", "serve", asked.model, "--port", str(asked.port)]
    if more and asked.workers > 1:
        command += ["--workers", str(asked.workers)]
    environment = os.environ | {"PYTHONPATH": str(checkout.resolve() / "src")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait(asked.port, server, "/ready" if more else "/ping")
            ask(asked.port, texts, clients=asked.clients, seconds=WARMING)
            seen = ask(asked.port, texts, clients=asked.clients, seconds=asked.seconds)
            return seen, memory(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)


def told(name: str, seen: Seen, asked: argparse.Namespace, expected: Sequence[Answer], peak: str) -> None:
    """Prints what the clients saw."""
    p50, p95, p99 = np.percentile(seen.milliseconds, [50, 95, 99])
    refused = sum(status == 503 for status, _, _ in seen.answers)
    right = [status == 200 and same(predictions(body), expected[review]) for status, review, body in seen.answers]
    rate = len(seen.milliseconds) / asked.seconds
    print(
        f"{name}: {asked.clients} clients, {asked.seconds:.0f} s: {len(seen.answers):,} answers, {rate:,.1f} a second"
    )
    print(f"  milliseconds: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}; server's memory {peak}")
    print(f"  wrong {len(right) - sum(right) - refused}, refused {refused}, lost {seen.lost}", flush=True)


def wait(port: int, server: "subprocess.Popen[bytes]", page: str) -> None:
    """Waits until the server answers."""
    while server.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", page)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit("The server ended before it answered.")


def same(predictions: list[dict[str, object]], expected: Answer) -> bool:
    """Tells whether the server said what `predict` says."""
    if len(predictions) != 1:
        return False
    (said,) = predictions
    return said["label"] == expected.label and abs(float(str(said["probability"])) - expected.probability) < TOLERANCE


def memory(process: int) -> str:
    """Returns the most memory that a process has held."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("VmHWM")), "unknown")


def whole_file(model: str, reviews: Path) -> None:
    """Prints rows a second and peak memory of `bitjaru predict --file`, and whether the accuracy is the training's."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "answers.csv")
        arguments = ["--file", str(reviews), "--column", "document", "--output", str(output), "--model", model]
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "bitjaru.commands.cli", "predict", *arguments], check=True, env=os.environ
        )
        seconds = time.perf_counter() - began
        with output.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(
        f"{len(rows):,} rows in {seconds:.1f} s: {len(rows) / seconds:,.0f} rows a second, peak {peak / 1024:,.0f} MB"
    )
    then = Answers.load(model_folder(model, []) / "data" / "answers" / "test.npz")
    labelled = [row for row in rows if row["document"]]
    keys = keys_of([row["document"] for row in labelled])
    positive = [float(row["predicted_label"] == "positive") for row in labelled]
    now = Answers(keys, np.array([int(row["label"]) for row in labelled], np.int32), np.array(positive)[:, None])
    both, again = then.shared(now)
    print(f"accuracy at training time {accuracy(both)!r} on {len(then):,} rows")
    print(f"accuracy from the file    {accuracy(again)!r} on {len(again):,} of them")


if __name__ == "__main__":
    main()
