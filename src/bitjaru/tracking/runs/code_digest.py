"""Which code made a run's figures: a sum that changes when they could, and not when a comment does."""

import ast
import hashlib
from functools import cache
from pathlib import Path

import bitjaru

# What shows, stores, searches or starts runs does not decide what they learn.
WITHOUT = frozenset(
    {
        "tracking",
        "report",
        "sweep",
        "promotion",
        "commands",
        "cli",
        "command_line",
        "help_page",
        "doctor",
        "grid",
        "job",
        "record",
    }
    | {"results", "reproduction", "run_report", "terminal", "trials", "estimate", "golden", "answers"}
)


@cache
def digest() -> str:
    """Returns the SHA-256 of the modules that a figure may depend on, comments and docstrings left out."""
    root = Path(bitjaru.__file__).parent
    total = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root)
        if name.parts[0].removesuffix(".py") not in WITHOUT:
            total.update(f"{name.as_posix()}\n{_meaning(file)}\n".encode())
    return total.hexdigest()


def _meaning(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
