"""N-grams of characters and of words."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sklearn.feature_extraction.text import CountVectorizer

from bitjaru.errors import ConfigError


def test_runs_are_those_of_the_linear_baselines(build: Callable[..., Any]) -> None:
    text = "이 영화는 재밌다 재밌어 OST 굿"
    analyse = CountVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False).build_analyzer()
    (tokens,) = build("character_ngrams").tokenize([text])
    assert Counter(tokens) == Counter(analyse(text))


def test_the_last_tokens_hold_every_length_of_run(build: Callable[..., Any]) -> None:
    (tokens,) = build("character_ngrams").tokenize(["재밌  다"])
    assert tokens[-4:] == ["다", " 다", "밌 다", "재밌 다"]


def test_a_text_shorter_than_the_shortest_run_has_no_tokens(build: Callable[..., Any]) -> None:
    assert list(build("character_ngrams", shortest=3).tokenize(["굳", "재밌다"])) == [[], ["재밌다"]]


def test_the_shortest_run_must_not_be_above_the_longest(build: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match=r"Received: shortest=5, longest=4"):
        build("character_ngrams", shortest=5)


def test_runs_of_words_end_one_after_the_other_and_lose_punctuation(build: Callable[..., Any]) -> None:
    (tokens,) = build("word_ngrams").tokenize(["I don't, like  it!"])
    assert tokens == ["i", "don't", "i don't", "like", "don't like", "it", "like it"]
    assert list(build("word_ngrams").tokenize(["", "!?"])) == [[], []]
