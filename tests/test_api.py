"""What other programs may import is light, complete and documented."""

import subprocess
import sys
from pathlib import Path

import api
import pytest

import bitjaru


def test_the_page_is_current() -> None:
    assert api.PAGE.read_text(encoding="utf-8") == api.page(), "Run `make api`."


@pytest.mark.parametrize("name", bitjaru.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(bitjaru, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bitjaru.nothing


def test_importing_the_package_imports_nothing_of_it(tmp_path: Path) -> None:
    program = "import sys, bitjaru; print([name for name in sys.modules if name.startswith('bitjaru.')])"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]"
