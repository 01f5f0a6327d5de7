"""How time and memory grow with the corpus: tokenizing, encoding and an epoch, from 10,000 to 600,000 reviews.

    BITJARU_DATA=… python benchmarks/growth.py [--sizes 10000 50000 150000 600000]

NSMC, repeated as often as it takes. A copy carries its number as one more word: equal texts would be analysed once. The
number is no token of the model's, for `tokenizer=komoran` drops figures. Each size is a process of its own with an
empty token cache; its memory is that of Python, Java's is apart. The slope is that of a line through the logarithms: 1
is linear, and what every run costs once pulls it below.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from empty_project import empty_project
from goals import at_most, print_goals

from bitjaru.configuration import OWN_VIEW, Parts, build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.data.reviews import Reviews, Splits
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import Vocabulary
from bitjaru.preparation.token_cache import tokenize

RUN = ("dataset=nsmc", "architecture=gru", "trainer=fast", "optimizer=lazy_adam")
MEASURED = ("tokenizing", "encoding", "epoch", "peak MB")


def main() -> None:
    """Prints two Markdown tables and the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000, 150_000, 600_000])
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.size:
        print(json.dumps(measure(asked.size)))
        return
    found = {}
    with empty_project(cold=True) as project:
        for size in asked.sizes:
            found[size] = json.loads(project.script("growth.py", "--size", str(size)).stdout.splitlines()[-1])
    report(found)


def measure(size: int) -> dict[str, float]:
    """Prepares `size` reviews and trains one epoch; returns seconds, and the peak memory."""
    parts, reviews = build(compose_config(RUN)), corpus(size)
    seconds = [time.perf_counter()]
    with tempfile.TemporaryDirectory() as cold:
        texts: Splits[Sequence[str]] = Splits(reviews.texts, None, None)
        tokens = tokenize(parts.tokenizer, texts, Path(cold)).tokens.train
    seconds.append(time.perf_counter())
    vocabulary, examples = encode(parts, tokens, reviews)
    seconds.append(time.perf_counter())
    found = dict(zip(MEASURED, np.diff(seconds).tolist(), strict=False))
    found["epoch"] = epoch(parts, examples, len(vocabulary))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**found, "peak MB": peak}


def corpus(size: int) -> Reviews:
    """Returns so many different reviews."""
    folder = Path(os.environ["BITJARU_DATA"]) / "nsmc"
    files = [pd.read_csv(folder / f"ratings_{part}.txt.gz", sep="\t").dropna() for part in ("train", "test")]
    table = pd.concat(files).drop_duplicates("document")
    texts, labels = table["document"].tolist(), table["label"].to_numpy(np.int32)
    copies = [divmod(row, len(texts)) for row in range(size)]
    return Reviews(
        [f"{texts[row]} {copy}" if copy else texts[row] for copy, row in copies],
        labels[[row for _, row in copies]],
    )


def encode(parts: Parts, tokens: Tokens, reviews: Reviews) -> tuple[Vocabulary, Examples]:
    """Makes the vocabulary and the examples, as `preparation` does."""
    settings = parts.settings
    vocabulary = Vocabulary.build(tokens, size=settings.vocab_size)
    length, padding = settings.max_len, settings.padding
    return vocabulary, parts.task.examples(tokens, reviews.labels, vocabulary, length=length, padding=padding)


def epoch(parts: Parts, examples: Examples, words: int) -> float:
    """Trains one epoch; returns its seconds, without importing TensorFlow and without tracing the graph."""
    from bitjaru.training.tensorflow_start import start_tensorflow

    start_tensorflow()
    from bitjaru.training.input_pipeline import Batches
    from bitjaru.training.model import build_model

    trainer = parts.trainer
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: words}, trimmed=parts.trimmed
    )
    model.steps_per_execution = trainer.steps_per_execution
    train = Batches(examples, trim=parts.trims)
    warm_up = train.epoch(trainer.batches, trainer.batch_size, seed=1, epoch=0)
    model.fit(warm_up.take(trainer.steps_per_execution), shuffle=False, verbose=0)
    started = time.perf_counter()
    model.fit(train.epoch(trainer.batches, trainer.batch_size, seed=1, epoch=1), shuffle=False, verbose=0)
    return time.perf_counter() - started


def report(found: dict[int, dict[str, float]]) -> None:
    """Prints seconds, microseconds a review, and slopes."""
    print(f"{' '.join(RUN)}; {len(os.sched_getaffinity(0))} cores\n")
    print("| reviews | tokenizing s | encoding s | epoch s | peak MB | µs a review: tokenizing | encoding | epoch |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    for size, each in found.items():
        stages = [each[name] for name in MEASURED[:3]]
        seconds = " | ".join(f"{value:.2f}" for value in stages)
        a_review = " | ".join(f"{1e6 * value / size:,.1f}" for value in stages)
        print(f"| {size:,} | {seconds} | {each['peak MB']:,.0f} | {a_review} |")
    if len(found) < 2:
        raise SystemExit("A slope needs two sizes.")
    sizes = np.log(list(found))
    slopes = {name: np.polyfit(sizes, np.log([each[name] for each in found.values()]), 1)[0] for name in MEASURED}
    what = f"from {min(found):,} to {max(found):,} reviews"
    print_goals([at_most(f"slope of {name}", what, 1.1, float(slope), "") for name, slope in slopes.items()])


if __name__ == "__main__":
    main()
