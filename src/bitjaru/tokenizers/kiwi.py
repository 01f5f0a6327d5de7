"""Kiwi's morphemes."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import PositiveInt

from bitjaru.errors import TokenizerError
from bitjaru.options import part
from bitjaru.tokenizers.analysers import processors
from bitjaru.tokenizers.cache_key import SPEED_ONLY
from bitjaru.tokenizers.well_formed import well_formed

if TYPE_CHECKING:
    from kiwipiepy import Kiwi as Analyser

Tag = Literal[
    "NNG", "NNP", "NNB", "NR", "NP", "VV", "VA", "VX", "VCP", "VCN", "MM", "MAG", "MAJ", "IC",
    "JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC", "EP", "EF", "EC", "ETN", "ETM",
    "XPN", "XSN", "XSV", "XSA", "XSM", "XR", "SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW", "SL", "SH", "SN", "SB",
    "UN", "W_URL", "W_EMAIL", "W_HASHTAG", "W_MENTION", "W_SERIAL", "W_EMOJI", "Z_CODA", "Z_SIOT",
]  # fmt: skip
"""Kiwi's parts of speech. Irregular verbs and adjectives, `VV-I`, go by the same name as regular ones."""

KNOWN_TEXT, KNOWN_TOKEN = "이 영화는 정말 재미있다.", "영화"


@part
class Kiwi:
    """Morphemes of Korean text by Kiwi, a C++ program that kiwipiepy brings.

    Attributes:
        dropped_tags: Morphemes of these parts of speech are left out.
        stem_tags: Morphemes of these get `다`, which makes a stem a dictionary form.
        tagged: Whether each token carries its part of speech, as in `영화/NNG`: words that are written alike and mean
            different things are then different tokens.
        threads: Texts analysed at the same time; null: one a processor.
    """

    dropped_tags: tuple[Tag, ...]
    stem_tags: tuple[Tag, ...]
    tagged: bool
    threads: Annotated[PositiveInt | None, SPEED_ONLY]

    @property
    def engine(self) -> str:
        """Versions of Kiwi and of its model, read from the installed packages."""
        try:
            return f"Kiwi {version('kiwipiepy')} (model {version('kiwipiepy_model')})"
        except PackageNotFoundError as error:
            raise TokenizerError(_MISSING) from error

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text.

        Raises:
            TokenizerError: If kiwipiepy is missing, or Kiwi answers wrongly.
        """
        dropped, stems = frozenset(self.dropped_tags), frozenset(self.stem_tags)
        for morphemes in _analyser(self.threads or processors()).tokenize(well_formed(texts)):
            # A tag may carry `-R` or `-I`: regular or irregular.
            tagged = [(morpheme.form, morpheme.tag.partition("-")[0]) for morpheme in morphemes]
            kept = [(f"{form}다" if tag in stems else form, tag) for form, tag in tagged if tag not in dropped]
            yield [f"{form}/{tag}" if self.tagged else form for form, tag in kept]


_MISSING = "The tokenizer kiwi needs the package kiwipiepy. It is not installed: `pip install kiwipiepy`."


@cache
def _analyser(threads: int) -> "Analyser":
    try:
        from kiwipiepy import Kiwi as Analyser
    except ImportError as error:
        raise TokenizerError(_MISSING) from error
    analyser = Analyser(num_workers=threads)
    answer = [morpheme.form for morpheme in analyser.tokenize(KNOWN_TEXT)]
    if KNOWN_TOKEN not in answer:
        raise TokenizerError(
            f"Kiwi must find {KNOWN_TOKEN} in {KNOWN_TEXT!r}. Received: {answer}. Install kiwipiepy again."
        )
    return analyser
