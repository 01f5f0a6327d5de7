"""The notebooks run from their first cell to their last, and are the same in both languages."""

import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import CHECKOUT
from nbclient import NotebookClient

ENGLISH, KOREAN = (CHECKOUT / "notebooks" / f"reviews_{language}.ipynb" for language in ("en", "ko"))


def code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_both_languages_have_the_same_code_and_kept_their_outputs() -> None:
    assert code(ENGLISH) == code(KOREAN)
    for path in (ENGLISH, KOREAN):
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        assert all(cell.outputs for cell in cells)
        assert "%" in str(cells[-1].outputs)


@pytest.mark.slow
def test_a_notebook_runs_from_data_to_the_champion(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(home)
    notebook = nbformat.read(ENGLISH, 4)
    for cell in notebook.cells:
        cell.source = re.sub(r'"trainer.epochs=\d+"', '"trainer.epochs=2", "dataset.rows=1500"', cell.source)
    NotebookClient(notebook, timeout=200, kernel_name="python3").execute()
    outputs = [str(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    assert "Epoch 2/2" in outputs[3]
    assert "image/png" in outputs[4]
    assert "text/html" in outputs[5]
    assert "champion" in outputs[6]
    assert "%" in outputs[7]
