"""The finals that lead docs/results.md: `docs/finals/DATASET.md`, each as `bitjaru finals` wrote it."""

from collections.abc import Mapping
from pathlib import Path

FOLDER = "finals"
HEAD = """\
## Which architecture is better: the finals

The best configuration of each architecture, by validation, trained anew with many seeds (`bitjaru finals`); each stands
beside the next one. Intervals are 95 %, over seeds and test reviews together; p is an exact paired sign test over
seeds, corrected for all pairs (Holm). Equivalent: within 0.3 points, at 5 %.
"""


def said(page: Path) -> Mapping[str, str]:
    """Returns what the finals beside a page say, by data set; empty where there are none.

    Args:
        page: The page of results, in whose folder `finals/` is.
    """
    pages = sorted((page.parent / FOLDER).glob("*.md"))
    return {each.stem: _first_paragraph(each.read_text(encoding="utf-8")) for each in pages}


def section(found: Mapping[str, str]) -> str:
    """Returns the finals' sentences, with a link to their tables."""
    told = [f"**{name}**: {text} ([tables and commands]({FOLDER}/{name}.md))\n" for name, text in found.items()]
    return "\n".join([HEAD, *told]) if told else ""


def _first_paragraph(text: str) -> str:
    return " ".join(next(each for each in text.split("\n\n") if each[:1] not in ("#", " ", "")).split())
