"""What stays of the data while a model is trained."""

from typing import Any

import numpy as np

from bitjaru.configuration import build, compose_config
from bitjaru.preparation.prepare import SHOWN, Prepared, prepare


def prepared(*overrides: str) -> Prepared:
    return prepare(build(compose_config(["dataset=sample", *overrides])))


def test_a_training_keeps_the_reviews_that_are_evaluated_and_few_of_those_that_it_learns_from() -> None:
    whole = prepared()
    kept = whole.once_shown()
    assert kept.corpus.splits.valid is whole.corpus.splits.valid
    assert kept.corpus.splits.test is whole.corpus.splits.test
    assert kept.corpus.splits.train.texts == whole.corpus.splits.train.texts[:SHOWN]
    assert kept.examples is whole.examples
    assert kept.rows == whole.rows


def test_of_the_tokens_only_those_of_the_last_part_stay() -> None:
    whole = prepared()
    kept = whole.once_shown()
    assert kept.tokens.test is whole.tokens.test
    assert [len(tokens) for _, tokens in kept.tokens.items()][:-1] == [0, 0]


def test_where_the_training_part_is_evaluated_all_of_it_stays() -> None:
    whole = prepared("dataset.validation.fraction=0", "dataset.test.fraction=0")
    assert whole.once_shown() is whole


def test_where_every_review_is_long_enough_none_is_copied() -> None:
    whole = prepared("dataset.minimum_tokens=1")
    assert whole.corpus is whole.loaded
    fewer: Any = prepared("dataset.minimum_tokens=8")
    assert all(np.all(tokens.lengths >= 8) for _, tokens in fewer.tokens.items())
    assert len(fewer.corpus.splits.train) < len(whole.corpus.splits.train)
