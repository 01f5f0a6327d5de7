"""Okt, the Open Korean Text analyser that konlpy brings.

konlpy itself loads a JVM into the Python process. That JVM takes Ctrl-C away from Python, cannot be started
again after it ended, and does not survive a fork. Here the same Java class runs in a process of its own.
"""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from pydantic import PositiveInt

from bitjaru.errors import TokenizerError
from bitjaru.options import part
from bitjaru.tokenizers.analysers import processors, report_crashes
from bitjaru.tokenizers.cache_key import SPEED_ONLY
from bitjaru.tokenizers.java.archives import jars
from bitjaru.tokenizers.java.machine import Machine
from bitjaru.tokenizers.java.machines import machine
from bitjaru.tokenizers.well_formed import one_line

CHUNK = 1_000
KNOWN_TEXT, KNOWN_TOKEN = "이 영화는 정말 재미있다.", "영화"
JARS = ("open-korean-text-*.jar", "scala-library-*.jar", "twitter-text-*.jar", "snakeyaml-*.jar", "bin")
# Okt's time grows with the cube of a run of syllables without a space: one of 3,000 takes minutes.
_LONG_RUN = re.compile("[가-힣]{201,}")
_PIECE = re.compile("(.{50})")


@part
class Okt:
    """Words and particles of Korean text by Okt, a Scala program; the same tokens as konlpy's `Okt().morphs`.

    Whitespace is tidied first, and a run of more than 200 syllables is cut every 50.

    Attributes:
        stop_words: Tokens that are left out.
        normalize: Whether spelling is mended first: `되나욬ㅋㅋ` becomes `되나요ㅋㅋ`.
        stem: Whether verbs and adjectives become dictionary forms.
        threads: Texts analysed at the same time; null: one a processor.
    """

    stop_words: tuple[str, ...]
    normalize: bool
    stem: bool
    threads: Annotated[PositiveInt | None, SPEED_ONLY]

    @property
    def engine(self) -> str:
        """Versions of Okt and konlpy, read from the installed files."""
        return f"Okt {_jars()[0].stem.rpartition('-')[2]} (konlpy {version('konlpy')})"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text; a text that crashes Okt has none.

        Raises:
            TokenizerError: If konlpy or Java is missing, or Okt answers wrongly or dies.
        """
        dropped = frozenset(self.stop_words)
        failed = []
        lines = [_LONG_RUN.sub(_cut, line) for line in one_line(texts)]
        with ThreadPoolExecutor(self.threads or processors()) as pool:
            for start in range(0, len(lines), CHUNK):
                chunk = lines[start : start + CHUNK]
                answers = pool.map(partial(_morphs, _okt(), normalize=self.normalize, stem=self.stem), chunk)
                for line, morphs in zip(chunk, answers, strict=True):
                    if morphs is None:
                        failed.append(line)
                    yield [morph for morph in morphs or () if morph and morph not in dropped]
        report_crashes("Okt", failed, len(lines))


class _Okt:
    """Okt inside a JVM."""

    def __init__(self, java: Machine) -> None:
        self.java = java
        with java.talking():
            self.analyser: Any = java.classes.kr.lucypark.okt.OktInterface()
            self.strings: Any = java.classes.java.lang.String
        answer = _morphs(self, KNOWN_TEXT, normalize=False, stem=False)
        if answer is None or KNOWN_TOKEN not in answer:
            raise TokenizerError(
                f"Okt must find {KNOWN_TOKEN} in {KNOWN_TEXT!r}. Received: {answer}. "
                "Install konlpy again, or point JAVA_HOME at another Java."
            )


def _okt() -> _Okt:
    return machine(_jars()).once("okt", _Okt)


def _morphs(okt: _Okt, line: str, *, normalize: bool, stem: bool) -> list[str] | None:
    from py4j.protocol import Py4JJavaError

    with okt.java.talking():
        try:
            # One string instead of a list: a list costs a round trip to the JVM for each token.
            tagged: str = okt.strings.join("\n", okt.analyser.tokenize(line, normalize, stem))
        except Py4JJavaError:
            return None
    return [token.rpartition("/")[0] for token in tagged.split("\n")]


def _cut(run: "re.Match[str]") -> str:
    return _PIECE.sub(r"\1 ", run[0])


def _jars() -> tuple[Path, ...]:
    return jars("konlpy", find_spec("konlpy"), "java", JARS)
