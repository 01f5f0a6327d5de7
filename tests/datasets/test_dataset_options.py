"""What every option of `conf/dataset` must do."""

import dataclasses
import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra.utils import get_class
from options import options
from small_datasets import dataset, node, write_all

from bitjaru.configuration import compose_config
from bitjaru.data.reviews import Corpus
from bitjaru.datasets import Dataset

OPTIONS = options("dataset")
FILES = {
    "nsmc": ["nsmc/ratings_train.txt.gz", "nsmc/ratings_test.txt"],
    "imdb": ["imdb.npz", "imdb_word_index.json"],
    "naver_shopping": ["naver_shopping/naver_shopping.txt"],
}
UNLABELLED = {"proverbs"}
every_option = pytest.mark.parametrize("option", OPTIONS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write_all(tmp_path / "data")
    monkeypatch.setenv("BITJARU_DATA", str(folder))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def corpus(option: str, folder: Path) -> Corpus:
    part: Dataset = dataset(option)
    return part.load()


def nested_nodes(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [config, *(inner for value in config.values() if isinstance(value, dict) for inner in nested_nodes(value))]


@every_option
def test_the_keys_of_each_node_are_the_fields_of_its_class(option: str) -> None:
    for config in nested_nodes(node(option)):
        fields = [field.name for field in dataclasses.fields(get_class(config["_target_"]))]
        assert list(config) == ["_target_", *fields]


@every_option
def test_a_dataset_knows_its_option_and_its_classes(option: str, corpus: Corpus) -> None:
    assert corpus.name == option
    assert tuple(corpus.classes) == (() if option in UNLABELLED else ("negative", "positive"))
    assert corpus.language in {"ko", "en"}
    assert corpus.licence


@every_option
def test_labels_are_numbers_of_classes(option: str, corpus: Corpus) -> None:
    for reviews in dict(corpus.splits.items()).values():
        assert reviews.labels.dtype == np.int32
        assert set(reviews.labels.tolist()) == ({-1} if option in UNLABELLED else {0, 1})


@every_option
def test_no_text_is_empty_and_every_row_is_accounted_for(option: str, corpus: Corpus) -> None:
    kept = [text for _, reviews in corpus.splits.items() for text in reviews.texts]
    assert all(text.strip() for text in kept)
    assert len(kept) + sum(corpus.dropped.values()) == sum(corpus.read.values())


@every_option
def test_no_review_is_in_two_parts(option: str, corpus: Corpus) -> None:
    parts = dict(corpus.splits.items())
    assert set(parts) == {"train", "valid", "test"}
    assert len(set().union(*(reviews.texts for reviews in parts.values()))) == sum(map(len, parts.values()))


@every_option
def test_loading_twice_gives_the_same(option: str, corpus: Corpus) -> None:
    again = dict(dataset(option).load().splits.items())
    for name, reviews in corpus.splits.items():
        assert list(reviews.texts) == list(again[name].texts)
        assert reviews.labels.tolist() == again[name].labels.tolist()


@every_option
def test_a_text_of_the_corpus_is_clean_already(option: str, corpus: Corpus) -> None:
    part = dataset(option)
    assert all(part.clean(text) == text for _, reviews in corpus.splits.items() for text in reviews.texts)


@every_option
def test_without_fractions_there_is_no_validation_part(option: str, folder: Path) -> None:
    fractions = {f"{key}.fraction": 0.0 for key in ("validation", "test") if key in node(option)}
    splits = dataset(option, fractions).load().splits
    assert splits.valid is None
    assert (splits.test is None) == (option in {"file", "naver_shopping", "proverbs", "sample"})


@every_option
def test_rows_limits_what_is_trained_on(option: str, folder: Path) -> None:
    whole, part = dataset(option).load(), dataset(option, {"rows": 20}).load()
    assert next(iter(part.read.values())) == 20
    assert list(part.read.values())[1:] == list(whole.read.values())[1:]


@pytest.mark.parametrize("option", FILES)
def test_the_sum_is_of_the_full_content_of_every_file(option: str, corpus: Corpus, folder: Path) -> None:
    files = [(folder / name).read_bytes() for name in FILES[option]]
    unpacked = [gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data for data in files]
    assert corpus.sha256 == hashlib.sha256(b"".join(unpacked)).hexdigest()
    assert corpus.source == ", ".join(str(folder / name) for name in FILES[option])
    assert dataset(option, {"rows": 20}).load().sha256 == corpus.sha256


@pytest.mark.parametrize(
    ("option", "tokenizer", "max_len", "vocab_size"),
    [("nsmc", "komoran", 40, 35000), ("naver_shopping", "okt", 60, 8000), ("imdb", "words", 500, 10000)],
)
def test_a_dataset_brings_its_tokenizer_and_sizes(option: str, tokenizer: str, max_len: int, vocab_size: int) -> None:
    config = compose_config([f"dataset={option}"])
    assert config.tokenizer == compose_config([f"tokenizer={tokenizer}"]).tokenizer
    assert (config.max_len, config.vocab_size) == (max_len, vocab_size)


@every_option
def test_what_is_given_on_the_command_line_wins(option: str) -> None:
    config = compose_config([f"dataset={option}", "tokenizer=character", "max_len=7", "vocab_size=null"])
    assert config.tokenizer == compose_config(["tokenizer=character"]).tokenizer
    assert (config.max_len, config.vocab_size) == (7, None)
