import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bitjaru.data.tokens import Tokens, join

ROWS = st.lists(st.lists(st.sampled_from(["영화", "재밌다", "", " ", "a", "[PAD]"]), max_size=6), max_size=8)


@given(ROWS)
def test_tokens_give_back_the_rows_they_were_made_of(rows: list[list[str]]) -> None:
    tokens = Tokens.from_rows(rows)
    assert list(tokens) == rows
    assert len(tokens) == len(rows)
    assert tokens.lengths.tolist() == [len(row) for row in rows]


@given(ROWS)
def test_rows_may_come_one_by_one(rows: list[list[str]]) -> None:
    tokens = Tokens.from_rows(row for row in rows)
    assert list(tokens) == rows


def test_each_word_stands_once_in_the_order_first_met() -> None:
    tokens = Tokens.from_rows([["나", "는"], [], ["가", "나"]])
    assert tuple(tokens.words) == ("나", "는", "가")
    assert tokens.codes.tolist() == [0, 1, 2, 0]
    assert tokens.offsets.tolist() == [0, 2, 2, 4]


def test_codes_and_offsets_have_the_types_that_a_cache_stores() -> None:
    for tokens in (Tokens.from_rows([]), Tokens.from_rows([["가"]]), join([Tokens.from_rows([["가"]])] * 2)):
        assert tokens.codes.dtype == np.int32
        assert tokens.offsets.dtype == np.int64


@given(ROWS, st.data())
def test_taken_rows_come_in_the_order_asked_for(rows: list[list[str]], data: st.DataObject) -> None:
    some = st.lists(st.integers(0, len(rows) - 1), max_size=10) if rows else st.just([])
    wanted = data.draw(some)
    taken = Tokens.from_rows(rows).take(np.array(wanted, np.int64))
    assert list(taken) == [rows[row] for row in wanted]


def test_rows_can_be_taken_by_a_mask() -> None:
    tokens = Tokens.from_rows([["가"], ["나", "다"], ["라"]])
    assert list(tokens.take(tokens.lengths < 2)) == [["가"], ["라"]]


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_joined_tokens_are_the_rows_one_after_the_other(parts: list[list[list[str]]]) -> None:
    joined = join([Tokens.from_rows(rows) for rows in parts])
    assert list(joined) == [row for rows in parts for row in rows]
    assert len(set(joined.words)) == len(joined.words)
