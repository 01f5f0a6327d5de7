"""Any command line gives a run or one error for a person; `make storm` tries some thousand more."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHECKOUT
from storm import overrides

EXAMPLES = 25


def test_odd_settings_give_parts_or_one_error(home: Path) -> None:
    answers = overrides.check(EXAMPLES, start=0)
    assert answers.findings == {}
    assert sum(answers.counts.values()) == EXAMPLES


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["tokenizer=0"], "Config group override must be a string or a list. Got int"),
        (["~architecture._target_"], "`architecture` must say what it is by `_target_`"),
        (["seed='"], "A setting must be written as key=value"),
        (["max_len=${nope}"], "nope"),
    ],
)
def test_what_once_ended_in_a_traceback_is_an_error_in_words(home: Path, line: list[str], words: str) -> None:
    assert words in overrides.answer(line)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        *(["tokenizer=0"], ["hydra.verbose=1"], ["hydra.run.dir=/proc/nope"], ["~architecture._target_"], ["=", "==="]),
        *(["-m", "seed=choice()"], ["hydra/launcher=nope"], ["+a={b:[1"], ["\\"], ["감성=${oc.env:NOPE}"]),
    ],
    ids=str,
)
def test_the_real_program_answers_an_odd_line_with_one_error(home: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "train.py"), *arguments],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sum(line.startswith("Error: ") for line in done.stderr.splitlines()) == 1
    assert not list(home.glob("outputs/*/*/outcome.json")), "nothing was trained"
