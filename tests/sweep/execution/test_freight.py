"""What comes from a node names its folder there, and here the folder here."""

import json
from pathlib import Path

import pytest

from bitjaru.errors import TrackingError
from bitjaru.files import SEAL
from bitjaru.sweep.execution.cluster.freight import Freight
from bitjaru.tracking.runs.journal import Journal

JOURNAL = "tracking/journal.jsonl"


def arrived(there: Path, here: Path, content: bytes) -> Journal:
    Freight({JOURNAL: content}, frozenset({JOURNAL}), str(there)).unload(here, texts=(JOURNAL,))
    return Journal(here)


def test_a_journal_is_whole_where_it_arrives_and_names_the_folder_here(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    sent = Journal(there)
    sent.append({"operation": "Start", "folder": str(there), "rate": 0.1})
    sent.append({"operation": "Metrics", "step": 1})
    assert arrived(there, here, sent.path.read_bytes()).lines() == [
        {"operation": "Start", "folder": str(here), "rate": 0.1},
        {"operation": "Metrics", "step": 1},
    ]


def test_a_line_that_was_damaged_on_its_way_does_not_become_whole(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    sent = Journal(there)
    sent.append({"operation": "Start", "folder": str(there), "rate": 0.1})
    damaged = sent.path.read_bytes().replace(b"0.1", b"0.2")
    with pytest.raises(TrackingError, match="checksum is another one"):
        arrived(there, here, damaged).lines()


def test_half_a_line_and_one_without_a_checksum_arrive_as_they_are(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    old = {"operation": "Start", "folder": str(there)}
    journal = arrived(there, here, json.dumps(old).encode() + b"\n" + b'{"operation": "Me')
    assert journal.lines() == [{"operation": "Start", "folder": str(here)}]
    assert SEAL not in journal.lines()[0]
