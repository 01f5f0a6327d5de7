"""Tokenizers as their YAML makes them, and texts to try them on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hydra.utils import get_class
from options import CONF

Build = Callable[..., Any]

SENTENCES = [
    "이 영화는 정말 재미있었다.",
    "배우들 연기는 좋았지만 결말이 너무 아쉽네요...",
    "굳 ㅋㅋ",
    "ㅈㅐ밌어요 ㅋㅋ",
    "1점도 아깝다!! 돈 주고 볼 영화 아님",
    "아름다운 음악을 들었다",
    "OST/영상미 최고 (10/10)",
    "남편이랑 봤는데 둘 다 잤음ㅡㅡ",
]


@pytest.fixture
def build() -> Build:
    """Makes the tokenizer of an option, with some knobs changed."""

    def make(option: str, **changes: Any) -> Any:
        knobs = yaml.safe_load((CONF / "tokenizer" / f"{option}.yaml").read_text(encoding="utf-8"))
        return get_class(knobs.pop("_target_"))(**knobs | changes)

    return make


@pytest.fixture
def reviews() -> Callable[[int], list[str]]:
    """Gives real NSMC reviews where there are any, else sentences, each another one."""

    def give(count: int) -> list[str]:
        if folder := os.environ.get("BITJARU_DATA"):
            table = pd.read_csv(Path(folder) / "nsmc" / "ratings_train.txt.gz", sep="\t")
            return [str(text) for text in table["document"].dropna().sample(count, random_state=7)]
        return [f"{number}번째 {SENTENCES[number % len(SENTENCES)]}" for number in range(count)]

    return give
