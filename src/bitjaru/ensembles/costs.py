"""What candidates take to answer a review, cutting it into tokens included."""

import time
from collections.abc import Sequence
from statistics import median

import numpy as np

from bitjaru.configuration import build_reading
from bitjaru.ensembles.candidates import SPEED, Candidates
from bitjaru.ensembles.selection import Costs
from bitjaru.errors import ConfigError
from bitjaru.models.trust.stored_config import read_config
from bitjaru.tokenizers import Tokenizer
from bitjaru.tracking.models.files import local_file

TIMED, REPEATS = 256, 3


def measure(uri: str, candidates: Candidates, texts: Sequence[str]) -> Costs:
    """Takes each run's own figure for its model, and times each tokenizer on some texts, once.

    Raises:
        BundleError: If a model's config is gone.
        ConfigError: If a run did not note how long it takes.
        TokenizerError: If an analyser cannot start.
    """
    for run in candidates.runs:
        if SPEED not in run.metrics:
            raise ConfigError(
                f"A member must have noted `{SPEED}`. Received: run {run.name} ({run.run_id}), which did not. "
                "Train it again, or name other runs with `--runs`."
            )
    needed = [candidates.tokenizers(member) for member in range(len(candidates.runs))]
    tokenizing: dict[str, float] = {}
    for run, keys in zip(candidates.runs, needed, strict=True):
        if all(key in tokenizing for key in keys):
            continue
        folder = local_file(uri, run.source, "data/config.yaml").parent
        views = build_reading(read_config(folder)).views.values()
        for key, view in zip(keys, views, strict=True):
            if key not in tokenizing:
                tokenizing[key] = _milliseconds(view.tokenizer, texts[:TIMED])
    return Costs(np.array([run.metrics[SPEED] for run in candidates.runs]), needed, tokenizing)


def _milliseconds(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    """The median of some batches, after one that starts the analyser."""
    seconds = []
    for _ in range(REPEATS + 1):
        started = time.perf_counter()
        for _ in tokenizer.tokenize(texts):
            pass
        seconds.append(time.perf_counter() - started)
    return 1000 * median(seconds[1:]) / len(texts)
