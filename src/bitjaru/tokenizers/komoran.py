"""Komoran's morphemes."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import islice
from typing import Annotated, Literal, get_args

from pydantic import PositiveInt

from bitjaru.options import part
from bitjaru.tokenizers import komoran_bulk
from bitjaru.tokenizers.analysers import processors, report_crashes
from bitjaru.tokenizers.cache_key import SPEED_ONLY
from bitjaru.tokenizers.well_formed import one_line

Tag = Literal[
    "NNG", "NNP", "NNB", "NP", "NR", "VV", "VA", "VX", "VCP", "VCN", "MM", "MAG", "MAJ", "IC",
    "JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC", "EP", "EF", "EC", "ETN", "ETM",
    "XPN", "XSN", "XSV", "XSA", "XR", "SF", "SP", "SS", "SE", "SO", "SL", "SH", "SW", "NF", "NV", "SN", "NA",
]  # fmt: skip
"""Komoran's parts of speech, after the Sejong corpus."""

Morpheme = tuple[str, str]
CHUNK = 1_000
LONGEST = 500  # characters: the time grows with their square, so that 1 MB would take hours; reviews have up to 150
# A morph may hold spaces (`굳 ㅋ/NA`) and slashes (`//SP`), or be empty.
_MORPHEME = re.compile(rf"(.*?)/({'|'.join(get_args(Tag))})(?: |$)")
_SINGLE_LETTERS = re.compile("[ㄱ-ㅎ][ㅏ-ㅣ]")


@part
class Komoran:
    """Morphemes of Korean text by Komoran, a Java program that PyKomoran brings.

    Attributes:
        model: PyKomoran's name of the model: `STABLE` is the light one, `EXP` the full one.
        dropped_tags: Morphemes of these parts of speech are left out.
        stem_tags: Morphemes of these get `다`, which makes a stem a dictionary form.
        threads: Texts analysed at the same time; null: one a processor.
    """

    model: Literal["STABLE", "EXP"]
    dropped_tags: tuple[Tag, ...]
    stem_tags: tuple[Tag, ...]
    threads: Annotated[PositiveInt | None, SPEED_ONLY]

    @property
    def engine(self) -> str:
        """Versions of Komoran and PyKomoran, read from the installed files."""
        komoran = komoran_bulk.archive().stem.partition("-")[2]
        return f"Komoran {komoran} {self.model} (PyKomoran {version('PyKomoran')})"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yields the tokens of each text; a text that crashes Komoran has none."""
        dropped, stems = frozenset(self.dropped_tags), frozenset(self.stem_tags)
        for morphemes in self.morphemes(texts):
            yield [f"{morph}다" if tag in stems else morph for morph, tag in morphemes if tag not in dropped and morph]

    def morphemes(self, texts: Sequence[str]) -> Iterator[list[Morpheme]]:
        """Yields every morph and its tag: the pairs that PyKomoran's `get_list` gives, token by token.

        Whitespace is tidied first, because Komoran makes nothing of a text that ends in a space, and a text of more
        than `LONGEST` characters is analysed in pieces.

        Raises:
            TokenizerError: If Java or Komoran cannot start or dies.
        """
        lines = [pieces(line, longest=LONGEST) for line in one_line(texts)]
        tagged = self._tagged([piece for line in lines for piece in line])
        failed = []
        for line in lines:
            morphemes: list[Morpheme] = []
            for piece, answer, komoran in islice(tagged, len(line)):
                if answer is None:
                    failed.append(piece)
                else:
                    morphemes += _parse(piece, answer, komoran)
            yield morphemes
        report_crashes("Komoran", failed, len(lines))

    def _tagged(self, lines: Sequence[str]) -> Iterator[tuple[str, str | None, komoran_bulk.Bulk]]:
        """Yields each line and Komoran's answer; Java is at the next chunk while Python reads this one."""
        chunks = [lines[start : start + CHUNK] for start in range(0, len(lines), CHUNK)]
        with ThreadPoolExecutor(1) as ahead:
            coming = deque(ahead.submit(self._tag, chunk) for chunk in chunks[:1])
            for number, chunk in enumerate(chunks):
                coming.extend(ahead.submit(self._tag, following) for following in chunks[number + 1 : number + 2])
                answers, komoran = coming.popleft().result()
                for line, answer in zip(chunk, answers, strict=True):
                    yield line, answer, komoran

    def _tag(self, chunk: Sequence[str]) -> tuple[Sequence[str | None], komoran_bulk.Bulk]:
        komoran = komoran_bulk.bulk(self.model)  # anew each time: a JVM that died is replaced
        return komoran.tag(chunk, self.threads or processors()), komoran


def _parse(line: str, answer: str, komoran: komoran_bulk.Bulk) -> list[Morpheme]:
    # A text that Komoran can make nothing of comes back whole, with whatever looks like a tag in it.
    whole = answer == f"{line}/NA"
    morphemes: list[Morpheme] = [(line, "NA")] if whole else _MORPHEME.findall(answer)
    return [
        # In what it cannot analyse the bulk call leaves single letters as they were typed; `get_list` does not.
        (komoran.combine(morph), tag) if tag == "NA" and _SINGLE_LETTERS.search(morph) else (morph, tag)
        for morph, tag in morphemes
    ]


def pieces(line: str, *, longest: int) -> list[str]:
    """Cuts a line into pieces of at most `longest` characters, between words where there is a space to cut at.

    Args:
        line: Without spaces at its ends.
        longest: Of a piece, above 0; a shorter line stays whole.
    """
    cut = []
    while len(line) > longest:
        space = line.rfind(" ", 0, longest + 1)
        end = space if space > 0 else longest
        cut.append(line[:end])
        line = line[end:].lstrip(" ")
    return [*cut, line]
