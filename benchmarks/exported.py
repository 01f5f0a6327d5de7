"""An exported model with ONNX Runtime beside the same model in Keras: one review, and a batch of 256.

    python benchmarks/exported.py [--repeats 15] [--length 40]

Networks of the sizes of conf/architecture with drawn weights and 20,000 words, asked about ids: half of the reviews are
as long as the model reads, the others shorter. Both are asked as `predict` asks them, and take turns; medians.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from goals import Goal, at_least, print_goals

from bitjaru.configuration import build, compose_config
from bitjaru.training.tensorflow_start import start_tensorflow

ARCHITECTURES = ("average", "cnn", "simplernn", "lstm", "gru", "bilstm", "cnn_lstm")
WORDS, BATCHES = 20_000, (1, 256)
Predict = Callable[[Any], Any]


def main() -> None:
    """Prints a Markdown table and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--length", type=int, default=40)
    asked = parser.parse_args()
    start_tensorflow()
    heads = "".join(f" {what}, {size} |" for size in BATCHES for what in ("Keras", "ONNX Runtime", "times"))
    print(f"Milliseconds a call, {asked.length} tokens, {os.cpu_count()} cores\n")
    print(f"| reviews a call |{heads} apart |\n|---|{'---:|' * (3 * len(BATCHES) + 1)}")
    goals = [goal for name in ARCHITECTURES for goal in _measured(name, asked.length, asked.repeats)]
    print_goals(goals)


def _measured(architecture: str, length: int, repeats: int) -> list[Goal]:
    with tempfile.TemporaryDirectory() as folder:
        keras, onnx = _both(architecture, length, Path(folder))
        cells, goals, apart = [], [], 0.0
        for size in BATCHES:
            ids = _reviews(size, length)
            apart = max(apart, float(np.abs(keras(ids) - onnx(ids)).max()))
            slow, quick = _milliseconds((keras, onnx), ids, repeats)
            cells += [f"{slow:.2f}", f"{quick:.2f}", f"{slow / quick:.1f}"]
            goals.append(at_least(f"`{architecture}` exported, {size} at once", "Keras", 1, slow / quick))
    print(f"| {architecture} | {' | '.join(cells)} | {apart:.0e} |", flush=True)
    return goals


def _both(architecture: str, length: int, folder: Path) -> tuple[Predict, Predict]:
    from bitjaru.export.network import network_graph
    from bitjaru.models.exported.onnx_network import OnnxNetwork
    from bitjaru.training.evaluation import predict
    from bitjaru.training.model import build_model

    parts = build(compose_config([f"architecture={architecture}", f"max_len={length}", "optimizer=adam"]))
    views = parts.reading.views
    trimmed = {name: view.encoder.embedding.mask for name, view in views.items()}
    sizes = dict.fromkeys(views, WORDS)
    model = build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=trimmed)
    (folder / "model.onnx").write_bytes(network_graph(model, length=length).SerializeToString())
    return (lambda ids: predict(model, ids)), OnnxNetwork(folder / "model.onnx").predict


def _reviews(size: int, length: int) -> Any:
    draws = np.random.default_rng(0)
    ids = draws.integers(2, WORDS, (size, length), dtype=np.int32)
    known = draws.integers(length // 4, length + 1, size // 2)
    ids[: size // 2][np.arange(length)[None, :] < length - known[:, None]] = 0
    return ids


def _milliseconds(contenders: tuple[Predict, Predict], ids: Any, repeats: int) -> list[float]:
    seconds: list[list[float]] = [[] for _ in contenders]
    for _ in range(repeats):
        for predict, each in zip(contenders, seconds, strict=True):
            started = time.perf_counter()
            predict(ids)
            each.append(time.perf_counter() - started)
    return [1000 * median(each) for each in seconds]


if __name__ == "__main__":
    main()
