"""What it costs to let TensorFlow tune the dataset of an epoch: `trainer.autotune`.

    python benchmarks/tuning.py [--rows 2000] [--length 200] [--repeats 8]

The same batches of random tokens through the same bidirectional LSTM, one thread each for TensorFlow; epochs with and
without tuning take turns. Processor seconds say what an epoch takes, seconds on the clock how long it lasts. The thread
that tunes sleeps 10 ms, then twice as long each time, so that it wakes 0.01 · (2ⁿ - 1) seconds after its start; the end
of an epoch may wait for that.
"""

import argparse
import os
import time
from statistics import median

import numpy as np

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.training.tensorflow_start import start_tensorflow

RUN = ("architecture=bilstm", "trainer=fast", "optimizer=lazy_adam")
WORDS = 10_000


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--length", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=8)
    asked = parser.parse_args()
    os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    start_tensorflow()
    measured = epochs(asked.rows, asked.length, asked.repeats)
    print(f"{' '.join(RUN)}; {asked.rows:,} reviews of {asked.length} tokens, {asked.repeats} epochs each\n")
    print("| | seconds, median | least–most | processor seconds, median |\n|---|---:|---:|---:|")
    for name, pairs in measured.items():
        clock, processor = ([pair[place] for pair in pairs] for place in (0, 1))
        print(f"| {name} | {median(clock):.2f} | {min(clock):.2f}–{max(clock):.2f} | {median(processor):.2f} |")


def epochs(rows: int, length: int, repeats: int) -> dict[str, list[tuple[float, float]]]:
    """Trains epochs with and without tuning in turns; returns seconds on the clock and of the processor."""
    from bitjaru.training.input_pipeline import Batches
    from bitjaru.training.model import build_model

    parts, random = build(compose_config([*RUN, f"max_len={length}"])), np.random.default_rng(0)
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: WORDS}, trimmed={OWN_VIEW: True}
    )
    model.steps_per_execution = parts.trainer.steps_per_execution
    inputs = random.integers(2, WORDS, (rows, length), dtype=np.int32)
    examples = Examples(inputs, random.integers(0, 2, rows, dtype=np.int32))
    batches = {
        name: Batches(examples, trim=True, autotune=autotune)
        for name, autotune in (("tuned", True), ("not tuned", False))
    }
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in batches}
    for number in range(-1, repeats):  # the first of each traces the graph
        for name, pairs in measured.items():
            epoch = batches[name].epoch(parts.trainer.batches, parts.trainer.batch_size, seed=1, epoch=number + 1)
            started = time.perf_counter(), time.process_time()
            model.fit(epoch, shuffle=False, verbose=0)
            if number >= 0:
                pairs.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    return measured


if __name__ == "__main__":
    main()
