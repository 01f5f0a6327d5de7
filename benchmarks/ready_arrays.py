"""Writes what a plain script reads: the arrays of a run as NPZ, or its tokens as lines of JSON.

    python benchmarks/ready_arrays.py [--tokens] FILE [override ...]

A process of its own, so that nothing of it counts as time or memory of what is measured; it also fills the token cache.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from bitjaru.configuration import build, compose_config
from bitjaru.preparation.prepare import Prepared, prepare


def main() -> None:
    """Writes one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", action="store_true", help="a line for each review: its part, its label, its tokens")
    parser.add_argument("file", type=Path)
    parser.add_argument("overrides", nargs="*")
    asked = parser.parse_args()
    data = prepare(build(compose_config(asked.overrides)))
    (write_tokens if asked.tokens else write_arrays)(data, asked.file)


def write_arrays(data: Prepared, path: Path) -> None:
    """Writes inputs and targets of each part, and the number of words."""
    arrays = {"words": np.array(len(data.vocabulary))}
    for part, examples in data.examples.items():
        arrays |= {f"x_{part}": examples.inputs, f"y_{part}": examples.targets}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def write_tokens(data: Prepared, path: Path) -> None:
    """Writes the tokens of each review, as a script has them after tokenizing."""
    with path.open("w", encoding="utf-8") as file:
        for part, (reviews, tokens) in data.corpus.splits.zip(data.tokens).items():
            for label, words in zip(reviews.labels.tolist(), tokens, strict=True):
                file.write(json.dumps([part, label, words], ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
