"""What `make audit` says of a list of parts, and of a database that cannot be asked."""

import json
from pathlib import Path
from typing import Any

import audit
import pytest


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "FOLDER", tmp_path)
    monkeypatch.setattr(audit, "ROOT", tmp_path)


def part(name: str, *licences: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "licenses": list(licences)}


def test_copyleft_must_be_decided_about_and_unknown_licences_read(tmp_path: Path) -> None:
    parts = [
        part("numpy", {"expression": "BSD-3-Clause AND MIT"}),
        part("konlpy", {"license": {"name": "License :: OSI Approved :: GNU General Public License v3 or later"}}),
        part("gift", {"license": {"id": "AGPL-3.0-only"}}),
        part("lesser", {"license": {"name": "License :: OSI Approved :: GNU Lesser General Public License v3"}}),
        part("silent"),
        part("huey"),
    ]
    complaints = list(audit.check_licences(parts))
    assert [each.split(" ")[0] for each in complaints if "is under" in each] == ["gift", "lesser"]
    assert [each for each in complaints if "must be known" in each] == [
        "The licence of silent 1.0 must be known. Read it, and add it to docs/audit.py."
    ]
    assert "| konlpy | 1.0 | GNU General Public License v3 or later |" in (tmp_path / "licences.md").read_text()


def tool(folder: Path, program: str) -> Path:
    """Puts a program in the place of pip-audit."""
    (folder / "bin").mkdir()
    (folder / "bin" / "pip-audit").write_text(f"#!/bin/sh\n{program}\n")
    (folder / "bin" / "pip-audit").chmod(0o755)
    return folder / "bin"


def test_a_database_that_cannot_be_asked_is_said_and_is_no_clean_bill(tmp_path: Path) -> None:
    (tmp_path / "weaknesses.json").write_text('{"dependencies": []}')  # of an earlier day
    (said,) = audit.check_weaknesses(tool(tmp_path, "echo 'no route to host' >&2; exit 1"), "osv")
    assert said == "Known weaknesses were NOT looked for: no database could be asked (osv: no route to host)."
    assert not (tmp_path / "weaknesses.json").exists()


def test_what_is_found_and_what_was_left_out_is_said(tmp_path: Path) -> None:
    found = {
        "dependencies": [
            {"name": "a", "version": "1", "vulns": []},
            {
                "name": "b",
                "version": "2",
                "vulns": [{"id": "X-1", "fix_versions": ["3"]}, {"id": "X-2", "fix_versions": []}],
            },
            {"name": "c", "skip_reason": "not found"},
        ]
    }
    (tmp_path / "found.json").write_text(json.dumps(found))
    program = f"cp {tmp_path / 'found.json'} {tmp_path / 'weaknesses.json'}; exit 1"
    assert list(audit.check_weaknesses(tool(tmp_path, program), "pypi")) == [
        "Known weaknesses were NOT looked for in 1 packages: c (not found).",
        "b 2 has X-1, mended in 3.",
        "b 2 has X-2, mended in no version yet.",
    ]
