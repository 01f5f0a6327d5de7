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


def test_reviews_with_too_few_tokens_are_left_out_and_yet_prepared_for_answering() -> None:
    data = prepared("dataset.minimum_tokens=8")
    assert set(data.left_out) == {"valid", "test"}
    loaded, kept, left = data.loaded.splits.test, data.examples.test, data.left_out["test"]
    assert loaded is not None
    assert kept is not None
    assert len(kept) + len(left.examples) == len(loaded)
    everything = prepared("dataset.minimum_tokens=1").examples.test
    assert everything is not None
    assert data.vocabulary == data.views["tokens"].vocabulary
    labels = np.asarray(loaded.labels)
    np.testing.assert_array_equal(left.examples.targets, labels[left.rows])
    np.testing.assert_array_equal(
        (left.examples.inputs != 0).sum(axis=1), (everything.inputs[left.rows] != 0).sum(axis=1)
    )
    assert ((left.examples.inputs != 0).sum(axis=1) < 8).all()


def test_a_task_of_words_leaves_out_what_it_leaves_out() -> None:
    assert prepared("task=next_word", "dataset.minimum_tokens=8").left_out == {}


def test_the_columns_of_each_view_are_what_it_would_be_given_alone() -> None:
    two = "architecture/view@architecture.views=[tokens,syllables]"
    both = prepared("architecture=views", two, "max_len=7", "architecture.views.syllables.max_len=11")
    tokens = prepared("max_len=7")
    syllables = prepared("tokenizer=character", "max_len=11", "vocab_size=4000")
    for part in ("train", "valid", "test"):
        ours = getattr(both.examples, part)
        alone = [getattr(each.examples, part).inputs for each in (tokens, syllables)]
        np.testing.assert_array_equal(ours.inputs, np.concatenate(alone, axis=1))
        np.testing.assert_array_equal(ours.targets, getattr(tokens.examples, part).targets)
    assert both.views["syllables"].vocabulary == syllables.vocabulary
    assert both.views["syllables"].token_key == syllables.views["tokens"].token_key
    assert list(both.views["syllables"].first) == list(syllables.views["tokens"].first)


def test_a_bag_of_hashed_ngrams_is_prepared_with_ids_for_every_ngram() -> None:
    hashed = ["architecture=ngrams", "architecture.views.ngrams.vocabulary=hashed"]
    data = prepared(*hashed, "architecture.views.ngrams.vocab_size=1000", "dataset.rows=200")
    assert len(data.views["ngrams"].vocabulary) == 1000
    ids = data.examples.train.inputs
    assert set(np.unique(ids)) <= {0, *range(2, 1000)}
    assert (ids != 0).sum(axis=1).max() > 100
