from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.data.tokens import Tokens, join
from bitjaru.data.vocabulary import OUT_OF_VOCABULARY, PADDING, SPECIALS, Vocabulary
from bitjaru.errors import BundleError

ROWS = st.lists(st.lists(st.text("가나다라 ", max_size=2), max_size=8), max_size=8)


def slow_vocabulary(rows: list[list[str]], size: int | None) -> list[str]:
    """Counter keeps the order first met among equals, as the vocabulary must."""
    counts = Counter(word for row in rows for word in row if word not in SPECIALS)
    return [*SPECIALS, *(word for word, _ in counts.most_common())][:size]


@given(ROWS, st.none() | st.integers(2, 8))
def test_the_most_frequent_words_are_taken_and_equals_in_the_order_first_met(
    rows: list[list[str]], size: int | None
) -> None:
    assert list(Vocabulary.build(Tokens.from_rows(rows), size=size).words) == slow_vocabulary(rows, size)


def test_a_size_larger_than_the_corpus_takes_every_word() -> None:
    vocabulary = Vocabulary.build(Tokens.from_rows([["가", "나"]]), size=35_000)
    assert vocabulary.words == (*SPECIALS, "가", "나")
    assert len(vocabulary) == 4


def test_words_of_other_rows_are_not_counted() -> None:
    tokens = Tokens.from_rows([["가", "가"], ["나"], ["다", "나"]])
    train = Vocabulary.build(tokens.take(tokens.lengths == 2), size=None)
    assert train.words == (*SPECIALS, "가", "다", "나")


def test_equals_come_in_the_order_of_the_part_and_not_of_its_word_list() -> None:
    joined = join([Tokens.from_rows([["나"]]), Tokens.from_rows([["가", "나"]])])
    assert Vocabulary.build(joined.take(np.array([1])), size=None).words == (*SPECIALS, "가", "나")


def test_an_unknown_word_has_the_id_1() -> None:
    vocabulary = Vocabulary((*SPECIALS, "가"))
    assert vocabulary.ids(Tokens.from_rows([["가", "나"], ["가"]])).tolist() == [2, OUT_OF_VOCABULARY, 2]


def test_a_token_that_looks_like_a_special_is_unknown_and_never_padding() -> None:
    tokens = Tokens.from_rows([["[PAD]", "[OOV]", "가"]])
    vocabulary = Vocabulary.build(tokens, size=None)
    assert vocabulary.words == (*SPECIALS, "가")
    assert vocabulary.ids(tokens).tolist() == [OUT_OF_VOCABULARY, OUT_OF_VOCABULARY, 2]
    assert PADDING not in vocabulary.ids(tokens)


def test_no_tokens_have_no_ids() -> None:
    assert Vocabulary(SPECIALS).ids(Tokens.from_rows([[], []])).tolist() == []


@given(ROWS)
def test_a_saved_vocabulary_loads_as_it_was(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.json"
    vocabulary = Vocabulary.build(Tokens.from_rows(rows), size=None)
    vocabulary.save(path)
    assert Vocabulary.load(path) == vocabulary


@pytest.mark.parametrize("content", ["", "[", "7", '["가", "나"]', '{"가": 1}'])
def test_a_file_that_is_no_vocabulary_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BundleError, match=r"must hold a vocabulary\. Received: .*\. Train the model again\."):
        Vocabulary.load(path)


def test_a_missing_vocabulary_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=str(tmp_path / "missing.json")):
        Vocabulary.load(tmp_path / "missing.json")
