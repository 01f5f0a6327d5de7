"""The golden texts: what is kept of a model's answers, so that they can be given again."""

from pathlib import Path

import numpy as np
import pytest

from bitjaru.errors import BundleError
from bitjaru.models.golden_set import KEPT, SIZE, Golden


def test_two_classes_come_back_as_they_were(tmp_path: Path) -> None:
    Golden(["좋다", ""], np.array([[0.25], [0.75]]), {"tokens": [["좋다"], []]}).save(tmp_path)
    back = Golden.load(tmp_path)
    assert (list(back.texts), back.probabilities.tolist(), back.tokens) == (
        ["좋다", ""],
        [[0.25], [0.75]],
        {"tokens": [["좋다"], []]},
    )


def test_of_a_whole_vocabulary_the_likeliest_words_come_back_in_their_places(tmp_path: Path) -> None:
    shares = np.random.default_rng(0).random((3, 5_000))
    Golden(["a", "b", "c"], shares, {}).save(tmp_path)
    back = Golden.load(tmp_path).probabilities
    assert back.shape == shares.shape
    assert (back > 0).sum(axis=1).tolist() == [KEPT] * 3
    assert back.argmax(axis=1).tolist() == shares.argmax(axis=1).tolist()
    assert back.max(axis=1).tolist() == shares.max(axis=1).tolist()
    assert (tmp_path / "golden.json").stat().st_size < 10_000


def test_a_large_vocabulary_leaves_as_many_texts_as_the_gate_asks_for() -> None:
    assert Golden.size(1) == SIZE
    assert Golden.size(50_000) >= 200


def test_a_missing_golden_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"must hold golden.json.*Train the model again"):
        Golden.load(tmp_path)
