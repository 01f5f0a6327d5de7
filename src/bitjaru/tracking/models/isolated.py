"""Asks a stored model in a process of its own, which knows nothing but the model's files."""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bitjaru.errors import BundleError
from bitjaru.tasks import Answer
from bitjaru.tracking.models import isolated_process
from bitjaru.tracking.store.store import ENVIRONMENT


@dataclass(frozen=True)
class Measured:
    """What a stored model answered, and what that took.

    Attributes:
        answers: N of them.
        megabytes: Of all its files.
        single: Milliseconds a review, asked one by one, tokenizing included; not a number where nothing was timed.
        batch: Milliseconds a review, asked in one batch.
    """

    answers: Sequence[Answer]
    megabytes: float
    single: float
    batch: float


def ask(uri: str, source: str, texts: Sequence[str], *, timed: Sequence[str]) -> Measured:
    """Answers N texts.

    Args:
        uri: Of the store.
        source: Where the model's files are.
        texts: N of them.
        timed: A batch to measure the time with.

    Raises:
        BundleError: If the model cannot be loaded or fails.
    """
    with tempfile.TemporaryDirectory(prefix="bitjaru-fresh-") as folder:
        asked, told = Path(folder, "asked.json"), Path(folder, "told.json")
        asked.write_text(json.dumps({"texts": list(texts), "timed": list(timed)}), encoding="utf-8")
        # -I: neither the working directory nor PYTHONPATH may lend it anything. -B: it leaves nothing beside the code.
        command = [sys.executable, "-I", "-B", str(isolated_process.__file__), source, str(asked), str(told)]
        environment = {**ENVIRONMENT, **os.environ, "MLFLOW_TRACKING_URI": uri, "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        if done.returncode:
            raise BundleError(
                f"A stored model must load and answer in a fresh process. Received: {source}: {_last(done.stderr)}"
            )
        content = json.loads(told.read_text(encoding="utf-8"))
    return Measured(
        answers=[Answer(*pair) for pair in zip(content["labels"], content["probabilities"], strict=True)],
        megabytes=content["megabytes"],
        single=content.get("single", math.nan),
        batch=content.get("batch", math.nan),
    )


def _last(said: str) -> str:
    return next((line for line in reversed(said.splitlines()) if line.strip()), "no reason was given")
