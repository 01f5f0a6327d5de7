"""The linear baseline as a run of its own: trained and tracked once for each data set, then read from its folder."""

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from bitjaru import project
from bitjaru.architectures.linear import Linear
from bitjaru.data.reviews import Corpus
from bitjaru.errors import DataError
from bitjaru.models.answers import FOLDER, Answers, accuracy, keys_of
from bitjaru.outcome import Outcome
from bitjaru.tracking.destination import Tracking
from bitjaru.tracking.runs.run import Run

log = logging.getLogger(__name__)


def answers(linear: Linear, corpus: Corpus, tracking: Tracking) -> Answers:
    """Returns the baseline's answers to the test part.

    Args:
        linear: Its knobs.
        corpus: The data.
        tracking: Where its run goes.

    Raises:
        DataError: If there is no test part, or it cannot be learned.
    """
    test = corpus.splits.test
    if test is None:
        raise DataError(f"A comparison needs a test part. Received: {corpus.name}, which has none.")
    config = {"dataset": {"name": corpus.name}, "data_sha256": corpus.sha256, "reviews_sha256": _digest(corpus)}
    config |= {"linear": asdict(linear), "scikit-learn": version("scikit-learn")}
    key = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]
    folder = project.home() / "outputs" / "baselines" / f"{corpus.name}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / FOLDER / "test.npz"
    with FileLock(folder / "training.lock"):
        if not kept.exists():
            _train(linear, corpus, config, tracking, folder).save(kept)
    return Answers.load(kept)


def _digest(corpus: Corpus) -> str:
    """Of the reviews of every part, cleaned and split: whichever knob changed them, they are other reviews."""
    total = hashlib.sha256()
    for part, reviews in corpus.splits.items():
        total.update(f"{part} {len(reviews)}".encode() + keys_of(reviews.texts).tobytes() + reviews.labels.tobytes())
    return total.hexdigest()


def _train(linear: Linear, corpus: Corpus, config: Mapping[str, Any], tracking: Tracking, folder: Path) -> Answers:
    rows = {part: len(reviews) for part, reviews in corpus.splits.items()}
    log.info("Training the linear baseline on %s reviews, once for this data", f"{rows['train']:,}")
    run = _start(config, corpus, tracking, folder)
    started = time.perf_counter()
    fitted = linear.fit(corpus.splits.train.texts, corpus.splits.train.labels)
    told, metrics = None, {}
    for part, reviews in corpus.splits.items():
        if part != "train":
            told = Answers(keys_of(reviews.texts), reviews.labels, fitted.probabilities(reviews.texts))
            metrics[f"{part}_accuracy"] = accuracy(told)
    if told is None:
        raise DataError(f"A comparison needs a test part. Received: {corpus.name}, which has none.")
    outcome = Outcome(
        status="FINISHED",
        reason=None,
        number=None,
        choices={"dataset": corpus.name, "architecture": "linear"},
        overrides=[],
        seed=None,
        data_sha256=corpus.sha256,
        rows=rows,
        weights=fitted.weights,
        history={},
        best_epoch=None,
        objective=metrics.get("valid_accuracy"),
        metrics=metrics,
        epoch_seconds=None,
        seconds=time.perf_counter() - started,
        run_id=run.run_id,
    )
    outcome.save(folder)
    run.finish(outcome)
    return told


def _start(config: Mapping[str, Any], corpus: Corpus, tracking: Tracking, folder: Path) -> Run:
    if (folder / "tracking" / "journal.jsonl").exists():
        return Run.reopen(folder)  # an earlier attempt was broken off
    tracking.prepare(corpus.name)
    run = tracking.start(
        folder,
        name="linear baseline",
        kind="baseline",
        experiment=corpus.name,
        config=config,
        tags={"dataset": corpus.name, "architecture": "linear"},
    )
    run.data(corpus)
    return run
