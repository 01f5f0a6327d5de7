"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from imports import CHECKOUT, modules
from options import options
from typer.main import get_command

from bitjaru.commands import cli
from bitjaru.configuration import compose_config

VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
# At these edges of the sweep an unknown exception becomes a failed trial, and the sweep goes on.
EDGES = {
    *(f"bitjaru.sweep.execution.{name}" for name in ("executors", "worker", "program", "hydra_job", "cluster.node")),
    "bitjaru.sweep.space.custom",  # calls what a user wrote
    "bitjaru.tracking.serving.batching",  # hands on what went wrong to all who asked together
}
READMES = ("README.md", "README.ko.md")
# In pieces, so that this file holds no such name either.
PACKAGE_INDEXES = re.compile(r"\b(pypi|npmjs|pythonhosted|debian|maven|anaconda)" + r"\.(org|com)\b")


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Yields every node of a kind in the project's code, with the name of its module."""
    for module, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, kind):
                yield module, node


def test_no_rule_hangs_on_an_assert_that_python_may_leave_out() -> None:
    assert [f"{module}: {ast.unparse(node)}" for module, node in nodes(ast.Assert)] == []


def test_only_the_edges_swallow_unknown_errors() -> None:
    swallowing = {
        module
        for module, node in nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    }
    assert swallowing <= EDGES


def test_a_files_name_says_what_is_in_it() -> None:
    names = {piece for module in modules() for piece in module.split(".")}
    assert names & VAGUE == set()


def test_a_hydra_plugin_file_has_one_class_and_keeps_its_annotations() -> None:
    plugins = {module: file for module, file in modules().items() if module.startswith("hydra_plugins.")}
    assert plugins
    for module, file in plugins.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert sum(isinstance(node, ast.ClassDef) for node in tree.body) == 1, module
        assert "__future__" not in file.read_text(encoding="utf-8"), module


def tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [CHECKOUT / name for name in listing.stdout.splitlines() if (CHECKOUT / name).is_file()]


def test_no_file_names_a_package_index() -> None:
    found = [
        file.name for file in tracked() if PACKAGE_INDEXES.search(file.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def commands(readme: str) -> list[list[str]]:
    """Returns the words of each command in a README's code blocks, without what the shell or a reader adds."""
    found, fence = [], ""
    for line in text_of(readme).splitlines():
        if line.startswith("```"):
            fence = "" if fence else line
        elif fence == "```" and (words := re.split(r"\s{2,}", line)[0].split()):
            found.append(words[1:] if words[0].startswith("BITJARU_") else words)
    return found


def text_of(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_names_make_targets_that_exist(readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)\b", text_of(readme), re.MULTILINE)) <= targets


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_commands_are_those_of_the_command_line(readme: str) -> None:
    known = {command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback}
    known |= {option for parameter in get_command(cli.app).params for option in parameter.opts}
    named = {words[1] for words in commands(readme) if words[0] == "bitjaru"}
    assert named
    assert named <= known


@pytest.mark.parametrize("readme", READMES)
def test_every_training_in_the_readme_composes(readme: str) -> None:
    trainings = [words[2:] for words in commands(readme) if words[:2] == ["python", "train.py"]]
    assert len(trainings) > 5
    for words in trainings:
        overrides = [re.sub(r"=([^,]*),.*", r"=\1", word) for word in words if re.match(r"[a-z_.]+=", word)]
        compose_config([override for override in overrides if not override.startswith("hydra")])


def test_both_readmes_show_the_same_commands() -> None:
    english, korean = map(commands, READMES)
    assert english == korean


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_table_of_groups_lists_every_option(readme: str) -> None:
    rows = dict(re.findall(r"^\| `([a-z]+)` \| (.*) \|$", text_of(readme), re.MULTILINE))
    for group in ("dataset", "tokenizer", "architecture", "optimizer", "trainer", "tracking"):
        assert set(options(group)) <= set(re.findall(r"`([a-z_]+)`", rows[group])), group
