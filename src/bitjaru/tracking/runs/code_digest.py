"""Which code made a run's figures: a sum that changes when they could, and not when a comment does."""

import ast
import hashlib
from functools import cache
from pathlib import Path

import bitjaru

# What decides what a run learns; the rest shows, stores, searches or starts runs.
DECIDING = (
    *("data", "datasets", "tokenizers", "preparation", "tasks", "architectures", "optimizers", "training"),
    *("configuration", "options.py", "runs/single_run.py", "runs/fitting.py"),
)


@cache
def digest() -> str:
    """Returns the SHA-256 of the modules that a figure may depend on, comments and docstrings left out."""
    root = Path(bitjaru.__file__).parent
    total = hashlib.sha256()
    for place in DECIDING:
        for file in sorted((root / place).rglob("*.py")) or [root / place]:
            total.update(f"{file.relative_to(root).as_posix()}\n{_meaning(file)}\n".encode())
    return total.hexdigest()


def _meaning(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
