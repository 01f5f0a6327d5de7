"""Cutting what is too long for an analyser."""

from hypothesis import given
from hypothesis import strategies as st

from bitjaru.tokenizers.komoran import pieces


def test_a_line_is_cut_between_words_and_a_word_only_where_it_must() -> None:
    assert pieces("aa bb cc", longest=5) == ["aa bb", "cc"]
    assert pieces("aaaaaaa bb", longest=3) == ["aaa", "aaa", "a", "bb"]
    assert pieces("aa", longest=2) == ["aa"]
    assert pieces("", longest=2) == [""]


@given(st.text("ab "), st.integers(1, 10))
def test_no_letter_is_lost_and_no_piece_is_too_long(text: str, longest: int) -> None:
    line = " ".join(text.split())
    cut = pieces(line, longest=longest)
    assert "".join(cut).replace(" ", "") == line.replace(" ", "")
    assert max(map(len, cut)) <= longest
