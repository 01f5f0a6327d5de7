import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_words_are_small_and_without_punctuation(build: Callable[..., Any]) -> None:
    text = 'Don\'t say "I LOVE it"!<br /><br />So-so…\tBad.'
    assert list(build("words").tokenize([text])) == [
        ["don't", "say", "i", "love", "it", "br", "br", "so", "so…", "bad"]
    ]


def test_imdb_words_put_together_come_back_unchanged(build: Callable[..., Any]) -> None:
    words = ["the", "don't", "hour\x85and", "amÉlie", "\x91very", "naïve", "£20", "'", "a\xa0b"]
    if folder := os.environ.get("BITJARU_DATA"):
        words = list(json.loads((Path(folder) / "imdb_word_index.json").read_text(encoding="utf-8")))
    assert list(build("words").tokenize([" ".join(words)])) == [words]


def test_whitespace_changes_nothing_but_spaces(build: Callable[..., Any]) -> None:
    assert list(build("whitespace").tokenize(["정말, 재밌다!!\n  Good "])) == [["정말,", "재밌다!!", "Good"]]


@pytest.mark.parametrize(("spaces", "tokens"), [(True, ["굳", " ", "ㅋ", "ㅋ"]), (False, ["굳", "ㅋ", "ㅋ"])])
def test_characters_come_with_or_without_spaces(build: Callable[..., Any], spaces: bool, tokens: list[str]) -> None:
    assert list(build("character", spaces=spaces).tokenize([" 굳  ㅋㅋ"])) == [tokens]
