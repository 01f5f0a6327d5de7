"""Tab behind `bitjaru train`, asked as bash asks: through the script that `bitjaru --install-completion` installs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bitjaru.commands.shell_completion import whole

ASK = """
eval "$(_BITJARU_COMPLETE=source_bash bitjaru)"
COMP_WORDS=(bitjaru train -m architecture = l) COMP_CWORD=5
_bitjaru_completion bitjaru
echo "${COMPREPLY[*]}"
COMP_WORDS=(bitjaru predict --mo) COMP_CWORD=2
_bitjaru_completion bitjaru
echo "${COMPREPLY[*]}"
"""


def test_bash_is_offered_the_options_of_a_group_and_those_of_other_commands(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", ASK], cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n") == ["linear lstm", "--model", ""]
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["architecture", "="], ["architecture="]),
        (["max_len", "=", "20", "arch"], ["max_len=20", "arch"]),
        (["max_len", "=", "20", ""], ["max_len=20", ""]),
        (["architecture/view", "@", "architecture.views", "=", "tok"], ["architecture/view@architecture.views=tok"]),
        ([""], [""]),
    ],
)
def test_words_that_bash_broke_are_whole_again(pieces: list[str], words: list[str]) -> None:
    assert whole(pieces) == words


OFFERS = """
import json, sys
from bitjaru.commands.shell_completion import offered
print(json.dumps([offered(words) for words in json.loads(sys.argv[1])]))
"""


def test_groups_options_and_keys_are_offered(tmp_path: Path) -> None:
    expected = [
        (["arch"], ["architecture", "architecture."]),
        (["optimizer=sgd", "optimizer.mom"], ["optimizer.momentum=", "optimizer.momentum=0.0"]),
        (["sweeps=lear"], ["sweeps=learning_rate"]),
        (["dataset=nothing", "arch"], ["architecture"]),
        (["mode"], []),  # a folder of the package is no group
    ]
    asked = json.dumps([words for words, _ in expected])
    environment = {name: value for name, value in os.environ.items() if name != "BITJARU_HOME"}
    # A process of its own, as behind Tab: the command sets what its process does with Ctrl-C and with Hydra's errors.
    command = [sys.executable, "-c", OFFERS, asked]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [found for _, found in expected]
