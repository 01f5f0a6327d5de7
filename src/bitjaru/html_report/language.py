"""The words of the report, in English and Korean."""

import re
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from bitjaru.errors import ConfigError
from bitjaru.reporting.wording import duration

LANGUAGES = ("en", "ko")


@dataclass(frozen=True)
class Texts:
    """One language.

    Attributes:
        language: `en` or `ko`.
        sentences: By name, with places for figures in braces.
    """

    language: str
    sentences: dict[str, str]

    @classmethod
    def read(cls, language: str) -> "Texts":
        """Reads a language's file.

        Raises:
            ConfigError: If there is none.
        """
        if language not in LANGUAGES:
            raise ConfigError(f"`--lang` must be one of {', '.join(LANGUAGES)}. Received: {language!r}.")
        path = resources.files("bitjaru.html_report") / "texts" / f"{language}.yaml"
        return cls(language, yaml.safe_load(path.read_text(encoding="utf-8")))

    def lasting(self, seconds: float) -> str:
        """Returns a duration in words."""
        said = duration(seconds)
        if self.language == LANGUAGES[0]:
            return said
        for unit, name in (("h", "hours"), ("min", "minutes"), ("s", "seconds_short")):
            said = re.sub(rf" {unit}\b", self.sentences[name], said)
        return said

    def figure(self, name: str) -> str:
        """Returns a figure's name in words, where the language has it."""
        return self.sentences.get(name, name)

    def tongue(self, code: str) -> str:
        """Returns the name of a language, where this one has it; its code of ISO 639-1 elsewhere."""
        return self.sentences.get(f"language_{code}", code)

    def say(self, sentence: str, /, **figures: Any) -> str:
        """Returns a sentence with its figures."""
        return self.sentences[sentence].format(**figures)
