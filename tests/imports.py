"""Who imports what, read from the source without running it. The tests of the layers share this."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

CHECKOUT = Path(__file__).parents[1]
When = Literal["at its top", "inside a function", "for types"]


@dataclass(frozen=True)
class Import:
    """One imported module.

    Attributes:
        module: Who imports, as `bitjaru.tokenizers.okt`; the entry point is `train`.
        target: What is imported: a module of ours in full, anything else as written.
        when: When Python runs the import.
        line: Where it stands.
    """

    module: str
    target: str
    when: When
    line: int

    @property
    def package(self) -> str:
        """The first part of the target, as `numpy`."""
        return self.target.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.module} (line {self.line}) imports {self.target} {self.when}"


@cache
def modules() -> dict[str, Path]:
    """Returns the file of every module of the project: the entry point, and all below `src`."""
    source = CHECKOUT / "src"
    found = {"train": CHECKOUT / "train.py"}
    for file in sorted(source.rglob("*.py")):
        parts = file.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def imports(module: str) -> tuple[Import, ...]:
    """Returns what one module imports, in the order of its lines."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    return tuple(_imports(tree, module, "at its top"))


def parts() -> list[str]:
    """Returns the modules that define a part: those with a class under `@part`."""
    return [module for module, file in modules().items() if "\n@part\n" in file.read_text(encoding="utf-8")]


def loaded_by(module: str) -> dict[str, tuple[Import, ...]]:
    """Returns what `import module` loads at once: each name with the chain of imports that leads to it."""
    chains: dict[str, tuple[Import, ...]] = {}
    waiting: list[tuple[str, tuple[Import, ...]]] = [(module, ())]
    while waiting:
        name, chain = waiting.pop(0)
        if name in chains:
            continue
        chains[name] = chain
        pieces = name.split(".")
        waiting.extend((".".join(pieces[:count]), chain) for count in range(1, len(pieces)))
        if name in modules():
            waiting.extend((found.target, (*chain, found)) for found in imports(name) if found.when == "at its top")
    return chains


def _imports(node: ast.AST, module: str, when: When) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        for target in _targets(child):
            yield Import(module, target, when, child.lineno)  # type: ignore[attr-defined]
        yield from _imports(child, module, _when(child, when))


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        name = node.module or ""
        inside = [f"{name}.{alias.name}" for alias in node.names if f"{name}.{alias.name}" in modules()]
        return inside + ([name] if len(inside) < len(node.names) else [])
    return []


def _when(node: ast.AST, when: When) -> When:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return "inside a function"
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return "for types"
    return when
