from dataclasses import replace

from bitjaru.data.reviews import Corpus
from bitjaru.tracking.runs import mlflow_values


def test_a_config_becomes_flat_and_reads_as_on_the_command_line() -> None:
    config = {
        "seed": 42,
        "name": "층 lstm",
        "vocab_size": None,
        "bidirectional": False,
        "rate": 1e-4,
        "tags": ["IC", "JKS"],
        "nothing": {},
        "trainer": {"_target_": "a.B", "early_stopping": {"patience": 3}},
    }
    assert mlflow_values.params(config) == {
        "seed": "42",
        "name": "층 lstm",
        "vocab_size": "null",
        "bidirectional": "false",
        "rate": "0.0001",
        "tags": '["IC", "JKS"]',
        "nothing": "{}",
        "trainer.early_stopping.patience": "3",
    }


def test_a_long_value_says_how_long_it_was() -> None:
    value = mlflow_values.params({"words": "가" * 7000})["words"]
    assert len(value) == 6000
    assert value.endswith("가… (7,000 characters)")


def test_a_tag_that_is_none_is_left_out_and_broken_text_is_mended() -> None:
    assert mlflow_values.tags({"number": None, "seed": 0, "overrides": "name=\udcff"}) == {
        "seed": "0",
        "overrides": "name=?",
    }


def test_the_digest_of_a_part_changes_with_its_rows_and_fits_its_place(corpus: Corpus) -> None:
    digests = [part["digest"] for part in mlflow_values.datasets(corpus)]
    assert len(set(digests)) == 3
    assert len("4a44a81d3b38-train-1234567890") <= 36
    assert corpus.splits.test
    less = replace(corpus, splits=replace(corpus.splits, train=corpus.splits.test))
    assert mlflow_values.datasets(less)[0]["digest"] != digests[0]


def test_a_local_source_is_told_as_a_path(corpus: Corpus) -> None:
    described = mlflow_values.datasets(replace(corpus, source="/data/nsmc"))[0]
    assert (described["source_type"], described["source"]) == ("local", '{"uri": "/data/nsmc"}')
