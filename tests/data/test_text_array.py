"""Texts in one array of bytes."""

from hypothesis import given
from hypothesis import strategies as st

from bitjaru.data.text_array import Texts


@given(st.lists(st.text(st.characters())), st.integers(-9, 9), st.integers(-9, 9))
def test_they_are_what_was_packed(strings: list[str], start: int, stop: int) -> None:
    texts = Texts.of(strings)
    assert list(texts) == strings
    assert texts.lengths.tolist() == [len(string) for string in strings]
    assert texts[start:stop] == strings[start:stop]
    assert [texts[place] for place in range(-len(strings), 0)] == strings


def test_korean_pictures_and_half_a_surrogate_survive() -> None:
    strings = ["빗자루", "", "😀", "\ud83d"]
    assert list(Texts.of(strings)) == strings
    assert Texts.of(strings).lengths.tolist() == [3, 0, 1, 1]
    assert "빗자루" in Texts.of(strings)
