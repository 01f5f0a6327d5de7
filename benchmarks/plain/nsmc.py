"""The document's NSMC script after tokenizing: vocabulary, encoding, padding, an epoch of the LSTM, the test part.

python nsmc.py TOKENS
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

WORDS, LENGTH = 35_000, 40


def main() -> None:
    """Prints the accuracy on the test part."""
    reviews = read(Path(sys.argv[1]))
    counts = Counter(word for _, words in reviews["train"] for word in words)
    ids = {word: place for place, (word, _) in enumerate(counts.most_common(WORDS - 2), start=2)}
    x_train, y_train = encode(reviews["train"], ids)
    x_test, y_test = encode(reviews["test"], ids)
    keras.utils.set_random_seed(42)
    model = keras.Sequential(
        [
            layers.Embedding(WORDS, 128),
            layers.LSTM(128, dropout=0.2, recurrent_dropout=0.2),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=32, verbose=0)
    print(f"test accuracy {model.evaluate(x_test, y_test, batch_size=512, verbose=0)[1]:.4f}")


def read(path: Path) -> dict[str, list[tuple[int, list[str]]]]:
    """Returns label and tokens of the reviews of each part."""
    parts: dict[str, list[tuple[int, list[str]]]] = {"train": [], "test": []}
    with path.open(encoding="utf-8") as file:
        for line in file:
            part, label, words = json.loads(line)
            parts[part].append((label, words))
    return parts


def encode(reviews: list[tuple[int, list[str]]], ids: dict[str, int]) -> tuple[Any, Any]:
    """Returns inputs (N, T) and targets (N,)."""
    sequences = [[ids.get(word, 1) for word in words] for _, words in reviews]
    padded = keras.utils.pad_sequences(sequences, maxlen=LENGTH)
    return padded, np.array([label for label, _ in reviews])


if __name__ == "__main__":
    main()
