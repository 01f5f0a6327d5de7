"""Makes the report of one or several results."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from bitjaru.files import write_text
from bitjaru.html_report.blocks import Block, Cell, Section, Table, Words, number
from bitjaru.html_report.language import Texts
from bitjaru.html_report.page import page
from bitjaru.html_report.sections import finals, search
from bitjaru.html_report.sections.finals import Record
from bitjaru.html_report.sources import Searched, Source


def write(found: Sequence[Source], texts: Texts, target: Path) -> None:
    """Writes one file that shows the results."""
    write_text(target, html(found, texts))


def html(found: Sequence[Source], texts: Texts) -> str:
    """Returns the page of one or several results."""
    if len(found) == 1:
        return page(_title(found[0], texts), _sections(found[0], texts), texts)
    sections = [Section(texts.say("section_ranks"), list(_ranks(found, texts)))]
    for number_, source in enumerate(found, 1):
        for section in _sections(source, texts):
            blocks = [_own(block, number_) for block in section.blocks]
            sections.append(Section(f"{_title(source, texts)}: {section.title}", blocks))
    return page(texts.say("title_several", count=len(found)), sections, texts)


def _title(source: Source, texts: Texts) -> str:
    if isinstance(source.found, Searched):
        if source.found.alone:
            return texts.say("title_run", name=source.name, dataset=source.found.about.get("name", "–"))
        return texts.say("title_search", name=source.name)
    return texts.say("title_finals", dataset=source.found["plan"]["dataset"])


def _sections(source: Source, texts: Texts) -> list[Section]:
    if isinstance(source.found, Searched):
        return search.sections(source.found, texts)
    return finals.sections(source.found, texts)


def _own(block: Block, number_: int) -> Block:
    """Elements of different results must not share a name."""
    if not isinstance(block, Table):
        return block
    return replace(block, name=f"{block.name}-{number_}")


def _ranks(found: Sequence[Source], texts: Texts) -> Iterator[Block]:
    """Across data sets only order counts (Demšar 2006)."""
    records: list[Record] = [each.found for each in found if not isinstance(each.found, Searched)]
    if len(records) < 2:
        return
    ranks = defaultdict[str, dict[str, int]](dict)
    for record in records:
        for rank, each in enumerate(record["finalists"], 1):
            ranks[each["name"]][record["plan"]["dataset"]] = rank
    datasets = [record["plan"]["dataset"] for record in records]
    everywhere = {name: its for name, its in ranks.items() if len(its) == len(datasets)}
    ordered = sorted(everywhere.items(), key=lambda pair: fmean(pair[1].values()))
    rows = [
        [Cell(name), *(number(its[dataset], 0) for dataset in datasets), number(fmean(its.values()), 2)]
        for name, its in ordered
    ]
    yield Words(texts.say("ranks_how"))
    yield Table("ranks", texts.say("section_ranks"), [texts.say("finalist"), *datasets, texts.say("rank_mean")], rows)
