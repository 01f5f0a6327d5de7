from collections.abc import Callable
from typing import Any

import pytest

from bitjaru.tokenizers.cache_key import key_of, options

TEXTS = ["가", "나다"]


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        ("komoran", {"model": "EXP"}),
        ("komoran", {"stem_tags": ["VV"]}),
        ("okt", {"stem": True}),
        ("okt", {"stop_words": []}),
        ("kiwi", {"dropped_tags": []}),
        ("character", {"spaces": False}),
        ("character_ngrams", {"longest": 3}),
    ],
)
def test_an_option_that_changes_the_tokens_changes_the_key(
    build: Callable[..., Any], option: str, changes: dict[str, Any]
) -> None:
    assert key_of(build(option), TEXTS) != key_of(build(option, **changes), TEXTS)


@pytest.mark.parametrize("option", ["komoran", "okt", "kiwi"])
def test_the_number_of_threads_does_not_change_the_key(build: Callable[..., Any], option: str) -> None:
    assert "threads" not in options(build(option))
    assert key_of(build(option), TEXTS) == key_of(build(option, threads=3), TEXTS)


def test_each_tokenizer_has_a_key_of_its_own(build: Callable[..., Any]) -> None:
    assert len({key_of(build(option), TEXTS) for option in ("whitespace", "words", "character", "kiwi")}) == 4


def test_another_version_of_the_analyser_changes_the_key(
    build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key_of(build("komoran"), TEXTS)
    monkeypatch.setattr("bitjaru.tokenizers.komoran.version", lambda _: "9.9")
    assert key_of(build("komoran"), TEXTS) != before


@pytest.mark.parametrize("texts", [["가", "나"], ["가나", "다"], ["가", "나다", ""], ["", "가나다"], ["가나다"], []])
def test_other_texts_change_the_key(build: Callable[..., Any], texts: list[str]) -> None:
    assert key_of(build("whitespace"), texts) != key_of(build("whitespace"), TEXTS)


def test_half_a_character_has_a_key(build: Callable[..., Any]) -> None:
    assert key_of(build("whitespace"), ["\ud800"]) != key_of(build("whitespace"), ["\udc00"])


def test_a_key_stays_what_it_is(build: Callable[..., Any]) -> None:
    """Changing how keys are made throws every cache away: raise FORMAT in `key.py` and mend this, knowingly."""
    assert key_of(build("character"), TEXTS) == "9a6780f209264bd79a8d069c07ae787e8c5fd4c1d3bf94397d6d02eb0b4ea9bb"
