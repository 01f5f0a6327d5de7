"""A served model under load, and a whole file of raw reviews: figures of `docs/results.md`.

    python benchmarks/serving.py load nsmc-sentiment@champion                # 8 clients, 60 s
    python benchmarks/serving.py file nsmc-sentiment@champion ratings_test.txt.gz

`load` starts `bitjaru serve`, lets every client ask one review after the other, and compares each answer with what
`bitjaru predict` would say. `file` answers every row and compares the accuracy with the one of the training.
"""

import argparse
import csv
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

from bitjaru.commands.model.registered_model import model_folder
from bitjaru.models.answers import Answers, accuracy, keys_of
from bitjaru.models.bundle import Bundle
from bitjaru.tasks import Answer

TOLERANCE = 1e-5


def main() -> None:
    """Measures what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "file"])
    parser.add_argument("model")
    parser.add_argument("reviews", nargs="?", type=Path, help="a CSV file with the columns `document` and `label`")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--port", type=int, default=5099)
    asked = parser.parse_args()
    if asked.what == "load":
        load(asked.model, clients=asked.clients, seconds=asked.seconds, port=asked.port)
    else:
        whole_file(asked.model, asked.reviews)


@dataclass
class Client:
    """What one client saw."""

    milliseconds: list[float] = field(default_factory=list)
    wrong: int = 0
    lost: int = 0


def load(model: str, *, clients: int, seconds: float, port: int) -> None:
    """Prints answers a second, latencies, and how many answers were wrong or lost."""
    bundle = Bundle.load(model_folder(model, []) / "data")
    texts = json.loads((model_folder(model, []) / "data" / "golden.json").read_text(encoding="utf-8"))["texts"]
    expected = bundle.predict(texts)
    command = [sys.executable, "-m", "bitjaru.commands.cli", "serve", model, "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait(port, server)
            seen = [Client() for _ in range(clients)]
            until = time.monotonic() + seconds
            threads = [
                threading.Thread(target=ask, args=(each, port, texts, expected, until, start * len(texts) // clients))
                for start, each in enumerate(seen)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            peak = memory(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
    times = np.concatenate([each.milliseconds for each in seen])
    p50, p95, p99 = np.percentile(times, [50, 95, 99])
    print(f"{clients} clients, {seconds:.0f} s: {len(times):,} answers, {len(times) / seconds:.1f} a second")
    print(f"milliseconds: p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f}; server's memory {peak}")
    print(f"wrong {sum(each.wrong for each in seen)}, lost {sum(each.lost for each in seen)}")


def wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Waits until the server answers."""
    while server.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/ping")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("The server ended before it answered.")


def ask(client: Client, port: int, texts: list[str], expected: list[Answer], until: float, start: int) -> None:
    """Asks one review after the other over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    place = start
    while time.monotonic() < until:
        row = place % len(texts)
        place += 1
        body = json.dumps({"dataframe_records": [{"text": texts[row]}]})
        began = time.perf_counter()
        try:
            connection.request("POST", "/invocations", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            content = json.loads(answer.read())
        except (OSError, ValueError):
            client.lost += 1
            connection.close()
            continue
        client.milliseconds.append(1000 * (time.perf_counter() - began))
        if answer.status != 200 or not same(content["predictions"], expected[row]):
            client.wrong += 1


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
