"""Komoran's bulk call: lines in, tagged lines out.

PyKomoran asks Java for every single token of a text. `analyzeTextFile` reads a file of texts and writes a file
of answers in one call. Its weakness: a text that crashes Komoran ends the call without a word, and answers to
texts before it may be missing too. The number of lines tells.
"""

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from bitjaru.errors import TokenizerError
from bitjaru.tokenizers.java.archives import jars
from bitjaru.tokenizers.java.machine import Machine
from bitjaru.tokenizers.java.machines import machine

# Java's names of PyKomoran's models.
JAVA_MODELS = {"STABLE": "LIGHT", "EXP": "FULL"}
KNOWN_TEXT, KNOWN_ANSWER = "이 영화는 정말 재미있다.", "영화/NNG"


class _JavaResult(Protocol):
    def getPlainText(self) -> str: ...  # noqa: N802


class _JavaKomoran(Protocol):
    def analyze(self, text: str) -> _JavaResult: ...
    def analyzeTextFile(self, source: str, target: str, threads: int) -> None: ...  # noqa: N802


class _JavaParser(Protocol):
    def combine(self, letters: str) -> str: ...


class Bulk:
    """A Komoran model inside a JVM."""

    def __init__(self, java: Machine, model: str) -> None:
        """Loads the model and asks it a known sentence.

        Raises:
            TokenizerError: If the answer lacks a noun that every version finds.
        """
        self._java = java
        with java.talking():
            komoran = java.classes.kr.co.shineware.nlp.komoran
            default = getattr(komoran.constant.DEFAULT_MODEL, JAVA_MODELS[model])
            self._komoran: _JavaKomoran = komoran.core.Komoran(default)
            self._parser: _JavaParser = komoran.parser.KoreanUnitParser()
        answers = self._together([KNOWN_TEXT], 1)
        if not any(KNOWN_ANSWER in answer.split(" ") for answer in answers):
            raise TokenizerError(
                f"Komoran must find {KNOWN_ANSWER} in {KNOWN_TEXT!r}. Received: {answers}. See that the temporary "
                "folder has room, install PyKomoran again, or point JAVA_HOME at another Java."
            )

    def tag(self, lines: Sequence[str], threads: int) -> Sequence[str | None]:
        """Tags texts that hold no line ends.

        Returns:
            One answer, `morph/TAG morph/TAG …`, a text; None for a text that Komoran cannot analyse.

        Raises:
            TokenizerError: If the JVM died or there is no room for the texts.
        """
        answers = self._together(lines, threads)
        if len(answers) == len(lines):
            return answers
        return [self._alone(line) for line in lines]

    def combine(self, letters: str) -> str:
        """Puts single letters together to syllables, as Komoran does."""
        with self._java.talking():
            return self._parser.combine(letters)

    def _together(self, lines: Sequence[str], threads: int) -> Sequence[str]:
        try:
            with tempfile.TemporaryDirectory(prefix="bitjaru-komoran-") as folder:
                source, target = Path(folder) / "texts.txt", Path(folder) / "tagged.txt"
                source.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
                with self._java.talking():
                    self._komoran.analyzeTextFile(str(source), str(target), threads)
                return target.read_text(encoding="utf-8").split("\n")[:-1]
        except OSError as error:
            raise TokenizerError(
                f"Komoran needs a temporary folder for its texts. Received: {error}. "
                "Make room there, or name another folder in TMPDIR."
            ) from error

    def _alone(self, line: str) -> str | None:
        from py4j.protocol import Py4JJavaError

        with self._java.talking():
            try:
                return self._komoran.analyze(line).getPlainText()
            except Py4JJavaError:
                return None


def bulk(model: str) -> Bulk:
    """Returns this process's Komoran with this model, started at the first call.

    Raises:
        TokenizerError: If there is no Java or no Komoran, or it answers wrongly.
    """
    return machine((archive(),)).once(model, lambda java: Bulk(java, model))


def archive() -> Path:
    """Returns the jar file of Komoran and its models.

    Raises:
        TokenizerError: If PyKomoran does not bring it.
    """
    return jars("PyKomoran", find_spec("PyKomoran"), "libs", ["KOMORAN-*.jar"])[0]
