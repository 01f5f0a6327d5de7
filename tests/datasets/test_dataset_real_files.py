"""The published files themselves, where they are at hand: `BITJARU_DATA=FOLDER pytest`."""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from small_datasets import dataset

from bitjaru.data.reviews import Corpus

DATA = os.environ.get("BITJARU_DATA", "")


def load(option: str, file: str, monkeypatch: pytest.MonkeyPatch, **changes: object) -> Corpus:
    if not any((Path(DATA) / name).is_file() for name in (file, f"{file}.gz") if DATA):
        pytest.skip(f"set BITJARU_DATA to a folder that holds {file}")
    monkeypatch.setenv("BITJARU_DATA", DATA)
    return dataset(option, {"validation.fraction": 0.0} | changes).load()


def counts(corpus: Corpus) -> dict[str, list[int]]:
    return {name: np.bincount(reviews.labels).tolist() for name, reviews in corpus.splits.items()}


def test_nsmc_has_the_documents_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = load("nsmc", "nsmc/ratings_train.txt", monkeypatch)
    assert corpus.read == {"ratings_train.txt": 150_000, "ratings_test.txt": 50_000}
    assert corpus.dropped == {"empty": 8}
    assert counts(corpus) == {"train": [75_170, 74_825], "test": [24_826, 25_171]}


def test_nsmc_is_the_official_one(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    load("nsmc", "nsmc/ratings_train.txt", monkeypatch)
    assert "differs" not in caplog.text


def test_imdb_has_the_documents_counts_and_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = load("imdb", "imdb.npz", monkeypatch, **{"validation.fraction": 0.2})
    assert {name: len(reviews) for name, reviews in corpus.splits.items()} == {
        "train": 20_000,
        "valid": 5_000,
        "test": 25_000,
    }
    # The documents count the mark that Keras puts before every review.
    lengths = [text.count(" ") + 2 for text in corpus.splits.train.texts]
    assert np.mean(lengths) == pytest.approx(239.00925)
    assert np.median(lengths) == 178


def test_naver_shopping_has_both_classes_and_only_hangul(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = load("naver_shopping", "naver_shopping/naver_shopping.txt", monkeypatch)
    letters = Counter("".join(text for _, reviews in corpus.splits.items() for text in reviews.texts))
    assert all(letter == " " or "ㄱ" <= letter <= "ㅣ" or "가" <= letter <= "힣" for letter in letters)
    assert sum(corpus.read.values()) - sum(corpus.dropped.values()) == sum(map(sum, counts(corpus).values()))
