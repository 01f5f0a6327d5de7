import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.data.examples import Examples, Side, encode
from bitjaru.data.tokens import Tokens
from bitjaru.data.vocabulary import PADDING, SPECIALS, Vocabulary

WORDS = ["가", "나", "다", "라"]
VOCABULARY = Vocabulary((*SPECIALS, *WORDS[:3]))
SIDES: tuple[Side, Side] = ("pre", "post")
ROWS = st.lists(st.lists(st.sampled_from(WORDS), max_size=7), max_size=6)


def slow_rows(rows: list[list[str]], length: int, padding: Side) -> list[list[int]]:
    """Encodes one row after the other, in the plainest way."""
    encoded = []
    for row in rows:
        ids = [VOCABULARY.words.index(word) if word in VOCABULARY.words else 1 for word in row][-length:]
        fill = [PADDING] * (length - len(ids))
        encoded.append(fill + ids if padding == "pre" else ids + fill)
    return encoded


@given(ROWS, st.integers(1, 9), st.sampled_from(SIDES))
def test_encoding_equals_the_plain_row_by_row_way(rows: list[list[str]], length: int, padding: Side) -> None:
    encoded = encode(Tokens.from_rows(rows), VOCABULARY, length=length, padding=padding)
    assert encoded.shape == (len(rows), length)
    assert encoded.dtype == np.int32
    assert encoded.tolist() == slow_rows(rows, length, padding)


@pytest.mark.parametrize("padding", SIDES)
def test_a_row_that_is_too_long_keeps_its_end(padding: Side) -> None:
    assert encode(Tokens.from_rows([["가", "나", "다"]]), VOCABULARY, length=2, padding=padding).tolist() == [[3, 4]]


def test_rows_taken_from_a_corpus_encode_as_they_would_alone() -> None:
    tokens = Tokens.from_rows([["가"], ["나", "다"], ["라"]])
    taken = encode(tokens.take(np.array([2, 1])), VOCABULARY, length=3, padding="pre")
    assert taken.tolist() == [[0, 0, 1], [0, 3, 4]]


def test_examples_count_their_rows() -> None:
    assert len(Examples(np.zeros((3, 5), np.int32), np.zeros(3, np.int32))) == 3


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`length` must be at least 1\. Received: length=0"):
        encode(Tokens.from_rows([["가"]]), VOCABULARY, length=0, padding="pre")
