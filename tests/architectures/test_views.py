"""A model that reads a review in several ways reads in each as a model would that reads in that way alone."""

from typing import Any

import keras
import numpy as np
import pytest
from architectures.test_architectures import V, ids
from options import options

from bitjaru.architectures.layers import Columns
from bitjaru.configuration import build, compose_config
from bitjaru.data.vocabulary import PADDING
from bitjaru.errors import ConfigError
from bitjaru.training.evaluation import predict
from bitjaru.training.model import build_model

OVERRIDES = [
    "architecture=views",
    "architecture/view@architecture.views=[tokens,syllables]",
    "max_len=9",
    "architecture.views.tokens.encoder.units=4",
    "architecture.views.syllables.max_len=14",
    "architecture.views.syllables.encoder.filters=3",
]


def two_views(*overrides: str, trimmed: bool) -> Any:
    parts = build(compose_config([*OVERRIDES, *overrides]))
    keras.utils.set_random_seed(2)
    sizes = {"tokens": V, "syllables": V}
    trims = {"tokens": trimmed, "syllables": False}
    return build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes=sizes, trimmed=trims)


@pytest.mark.parametrize("side", ["pre", "post"])
@pytest.mark.parametrize("longest", [0, 1, 3, 5])
def test_the_columns_of_a_view_lose_the_padding_that_all_rows_have(side: str, longest: int) -> None:
    rows = np.full((3, 11), 9, np.int32)
    own = np.zeros((3, 5), np.int32)
    for row, length in enumerate((longest, longest // 2, 0)):
        own[row, 5 - length : 5] = 7
    own = own if side == "pre" else own[:, ::-1]
    rows[:, 4:9] = own
    kept = keras.ops.convert_to_numpy(Columns(4, 9, side)(rows))
    length = max(longest, 1)
    np.testing.assert_array_equal(kept, own[:, 5 - length :] if side == "pre" else own[:, :length])
    np.testing.assert_array_equal(Columns(4, 9, None)(rows), own)


def test_each_view_finds_in_its_columns_what_it_would_find_alone() -> None:
    model = two_views(trimmed=False)
    inputs = ids(5, 23)
    inputs[:, :3] = inputs[:, 9:12] = PADDING
    joined = keras.Model(model.inputs, model.get_layer("views").output).predict(inputs, verbose=0)
    tokens = model.get_layer("tokens").predict(inputs[:, :9], verbose=0)
    syllables = model.get_layer("syllables").predict(inputs[:, 9:], verbose=0)
    np.testing.assert_allclose(joined, np.concatenate([tokens, syllables], axis=1), atol=1e-6)


def test_a_view_that_skips_padding_answers_the_same_where_it_is_cut_off() -> None:
    padded, cut = two_views(trimmed=False), two_views(trimmed=True)
    cut.set_weights(padded.get_weights())
    inputs = ids(600, 23)
    inputs[np.arange(23) < np.random.default_rng(0).integers(0, 10, 600)[:, None]] = PADDING
    np.testing.assert_allclose(predict(cut, inputs), predict(padded, inputs), atol=1e-6)


def test_no_view_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match=r"must hold at least one view. Received: none"):
        build(compose_config(["architecture=views", "architecture/view@architecture.views=[]"]))


def test_a_view_that_cannot_be_is_named() -> None:
    with pytest.raises(ConfigError, match=r"architecture\.views\.tokens\.max_len.*Received: 0"):
        build(compose_config(["architecture=views", "architecture.views.tokens.max_len=0"]))


def test_a_task_of_words_wants_the_runs_own_tokenizer() -> None:
    with pytest.raises(ConfigError, match=r"run's own tokenizer. Received: Views"):
        build(compose_config(["architecture=views", "task=next_word"]))


def test_a_hashed_vocabulary_wants_a_size() -> None:
    hashed = ["architecture=ngrams", "architecture.views.ngrams.vocabulary=hashed"]
    build(compose_config(hashed))
    with pytest.raises(ConfigError, match=r"needs its size. Received: vocab_size=null"):
        build(compose_config([*hashed, "architecture.views.ngrams.vocab_size=null"]))


@pytest.mark.parametrize("view", options("architecture/view"))
def test_every_view_can_stand_alone_with_a_readout_of_its_own_and_another_around_it(view: str) -> None:
    alone = ["architecture=views", f"architecture/view@architecture.views=[{view}]"]
    knobs = [f"architecture.views.{view}.encoder.readout.dropout=0.1", f"architecture.views.{view}.max_len=6"]
    parts = build(compose_config([*alone, *knobs]))
    model = build_model(parts.task, parts.reading, parts.optimizer, vocabulary_sizes={view: V}, trimmed={view: False})
    assert predict(model, ids(3, 6)).shape == (3, 1)
