"""`python train.py --help`: Hydra's own page, without Hydra's work."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import CHECKOUT

from bitjaru.commands import help_page

CONF = CHECKOUT / "conf"
SLOW = ("hydra_plugins", "numpy", "pydantic", "tensorflow", "mlflow")


def printed(*arguments: str) -> str:
    command = [sys.executable, str(CHECKOUT / "train.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def loaded_by(*arguments: str) -> set[str]:
    """Returns the modules that a process has loaded when `train.py` ends."""
    script = (
        f"import runpy, sys; sys.argv = ['train.py', *{arguments}]\n"
        f"try: runpy.run_path({str(CHECKOUT / 'train.py')!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_page_is_the_one_that_hydra_prints() -> None:
    assert printed("--help") == printed("--help", "seed=1")  # with an override, Hydra prints it


def test_each_folder_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [str(folder) for folder in (CONF, *CONF.rglob("*")) if folder.is_dir()]
    read: Counter[str] = Counter()
    scan = os.scandir

    def counted(folder: Any) -> Any:
        read[os.fspath(folder)] += 1
        return scan(folder)

    monkeypatch.setattr(os, "scandir", counted)
    help_page.text([CONF])
    assert read == Counter(folders)


def test_a_new_option_is_on_the_page(tmp_path: Path) -> None:
    for name in ("hydra/help/bitjaru", "hydra/sweeper/grid", "architecture/mine", "architecture/space/mine"):
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("template: $APP_CONFIG_GROUPS")
    assert help_page.text([tmp_path]) == "architecture: mine\narchitecture/space: mine\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_the_page_takes_nothing_but_the_config_library(arguments: list[str]) -> None:
    assert loaded_by(*arguments) & {*SLOW, "bitjaru.runs.hydra_job"} == set()


def test_an_option_that_does_not_exist_is_found_without_the_parts() -> None:
    assert (
        loaded_by("architecture=nosuch") & {"numpy", "tensorflow", "mlflow", "pydantic", "bitjaru.runs.hydra_job"}
        == set()
    )
