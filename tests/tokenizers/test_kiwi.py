import sys
from collections.abc import Callable
from typing import Any

import pytest

from bitjaru.errors import TokenizerError


def test_irregular_stems_become_dictionary_forms(build: Callable[..., Any]) -> None:
    assert list(build("kiwi").tokenize(["아름다운 음악을 들었다!"])) == [["아름답다", "음악", "듣다", "었"]]


def test_the_number_of_threads_does_not_change_the_tokens(
    build: Callable[..., Any], reviews: Callable[[int], list[str]]
) -> None:
    texts = reviews(60)
    assert list(build("kiwi", threads=1).tokenize(texts)) == list(build("kiwi").tokenize(texts))


def test_a_missing_package_is_named_with_what_to_type(
    build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(TokenizerError, match="pip install kiwipiepy"):
        list(build("kiwi", threads=7).tokenize(["영화"]))


def test_a_token_may_carry_its_part_of_speech(build: Callable[..., Any]) -> None:
    assert list(build("kiwi_tagged").tokenize(["영화가 좋다"])) == [["영화/NNG", "가/JKS", "좋/VA", "다/EF"]]
    assert list(build("kiwi", tagged=True).tokenize(["음악을 들었다"])) == [["음악/NNG", "듣다/VV", "었/EP"]]
