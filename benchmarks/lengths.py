"""How long an epoch takes as reviews grow longer, for each architecture.

    BITJARU_DATA=… python benchmarks/lengths.py [--rows 2000] [--lengths 25 50 100 200 400] [--picture docs/lengths.png]

IMDB's longest training reviews, cut to each length, so that none is padded; `trainer=fast`, the architectures of
`conf/architecture` as they are, one thread each for TensorFlow. One epoch warms up, the next is timed.
"""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from goals import at_most, print_goals

from bitjaru.configuration import OWN_VIEW, build, compose_config
from bitjaru.data.examples import Examples
from bitjaru.drawing.figure import COLOURS, SOLID, figure, panel, save
from bitjaru.drawing.labels import LEAD, name_ends, width
from bitjaru.drawing.rules import rule_x, rule_y
from bitjaru.preparation.prepare import prepare
from bitjaru.training.input_pipeline import Batches
from bitjaru.training.model import build_model
from bitjaru.training.tensorflow_start import start_tensorflow

ARCHITECTURES = ("simplernn", "lstm", "gru", "bilstm", "cnn_lstm", "cnn", "average")
SHARED = ("dataset=imdb", "trainer=fast", "optimizer=lazy_adam")
Seconds = Mapping[str, Sequence[float]]


def main() -> None:
    """Prints a Markdown table and draws it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--lengths", type=int, nargs="+", default=[25, 50, 100, 200, 400])
    parser.add_argument("--picture", type=Path, default=Path(__file__).resolve().parents[1] / "docs" / "lengths.png")
    asked = parser.parse_args()
    os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    start_tensorflow()
    reviews = longest(asked.rows, max(asked.lengths))
    seconds = {name: [epoch(name, reviews, length) for length in asked.lengths] for name in ARCHITECTURES}
    print(f"Seconds of an epoch over {asked.rows:,} reviews, one thread\n")
    print(f"| tokens | {' | '.join(map(str, asked.lengths))} |\n|---|{'---:|' * len(asked.lengths)}")
    for name, times in seconds.items():
        print(f"| {name} | {' | '.join(f'{each:.2f}' for each in times)} |")
    draw(seconds, asked.lengths, asked.picture)
    print(f"\n![Seconds of an epoch against tokens, for each architecture]({asked.picture.name})")
    worst = max(np.polyfit(np.log(asked.lengths), np.log(times), 1)[0] for times in seconds.values())
    print_goals([at_most("time against length, steepest architecture", "linear: 1", 1.1, float(worst), "slope")])


def longest(rows: int, length: int) -> Examples:
    """Returns IMDB's longest training reviews; fewer, should there not be as many of this length."""
    train = prepare(build(compose_config([*SHARED, f"max_len={length}"]))).examples.train
    chosen = np.argsort((train.inputs == 0).sum(axis=1), kind="stable")[:rows]
    return Examples(train.inputs[chosen], train.targets[chosen])


def epoch(architecture: str, reviews: Examples, length: int) -> float:
    """Returns the seconds of the second epoch on the last `length` tokens of each review."""
    import keras

    parts = build(compose_config([*SHARED, f"architecture={architecture}", f"max_len={length}"]))
    keras.backend.clear_session()
    words = int(reviews.inputs.max()) + 1
    model = build_model(
        parts.task, parts.reading, parts.optimizer, vocabulary_sizes={OWN_VIEW: words}, trimmed=parts.trimmed
    )
    model.steps_per_execution = parts.trainer.steps_per_execution
    cut = Batches(Examples(reviews.inputs[:, -length:], reviews.targets), trim=parts.trims)
    for number in (1, 2):
        batches = cut.epoch(parts.trainer.batches, parts.trainer.batch_size, seed=1, epoch=number)
        started = time.perf_counter()
        model.fit(batches, shuffle=False, verbose=0)
    return time.perf_counter() - started


def draw(seconds: Seconds, lengths: Sequence[int], path: Path) -> None:
    """Draws a line for each architecture; both scales are logarithmic, so that a straight line is a power."""
    names = [f"{times[-1]:.1f} s  {name}" for name, times in seconds.items()]
    drawn = figure(5.35 + LEAD + max(map(width, names)) + 0.15, 4.4)
    axes = panel(drawn, (0.65, 0.55, 4.7, 3.4), title="seconds an epoch against tokens a review")
    every = [each for times in seconds.values() for each in times]
    axes.set_xlim(np.log(min(lengths)) - 0.1, np.log(max(lengths)) + 0.1)
    axes.set_ylim(np.log(min(every)) - 0.1, np.log(max(every)) + 0.1)
    rule_x(axes, [(float(np.log(length)), str(length)) for length in lengths], label="tokens")
    tens = [step * 10.0**power for power in range(-2, 4) for step in (1, 2, 5)]
    rule_y(axes, [(float(np.log(ten)), f"{ten:g}") for ten in tens if min(every) <= ten <= max(every)])
    for number, times in enumerate(seconds.values()):
        axes.plot(np.log(lengths), np.log(times), color=COLOURS[number % len(COLOURS)], marker="o", markersize=4)
    ends = zip(seconds.values(), names, COLOURS, strict=True)
    name_ends(axes, [(float(np.log(times[-1])), name, colour, SOLID) for times, name, colour in ends])
    save(drawn, path)


if __name__ == "__main__":
    main()
