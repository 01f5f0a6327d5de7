"""Which packages a model needs to answer: read from the code that answers, never guessed at by running it."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import bitjaru

# MLflow loads the model, and Keras takes up TensorFlow without an import of it in our code.
ALWAYS = ("mlflow", "tensorflow")


@cache
def pins(modules: frozenset[str]) -> tuple[str, ...]:
    """Returns `name==version` of what these modules import, directly or through other modules of ours.

    Imports inside functions count. Only what our own package declares is pinned: pip finds the rest.

    Args:
        modules: Full names, such as `bitjaru.tokenizers.komoran`.
    """
    imported = _imports(modules)
    names = {name for name in _declared() if name in ALWAYS or imported & _top_levels(name)}
    return tuple(f"{name}=={metadata.version(name)}" for name in sorted(names))


def _declared() -> set[str]:
    """Names of the installed packages that ours asks for, in its extras too."""
    names = {re.split(r"[^\w.-]", each)[0] for each in metadata.requires(bitjaru.__name__) or ()}
    return {name for name in names if any(metadata.distributions(name=name))}


def _top_levels(distribution: str) -> set[str]:
    """What can be imported of a package: `hydra` of `hydra-core`."""
    found = metadata.distribution(distribution)
    if listed := found.read_text("top_level.txt"):
        return set(listed.split())
    return {re.split(r"[/.,]", line)[0] for line in (found.read_text("RECORD") or "").splitlines()}


def _imports(modules: Iterable[str]) -> set[str]:
    """Top-level names outside our package that are imported by these modules and by what they import of ours."""
    seen: set[str] = set()
    outside: set[str] = set()
    waiting = [parent for module in modules for parent in _with_parents(module)]
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name in _imported_by(module):
            if name.split(".")[0] == bitjaru.__name__:
                waiting.extend(_with_parents(name))
            else:
                outside.add(name.split(".")[0])
    return outside


def _with_parents(module: str) -> Iterator[str]:
    """`a.b.c` cannot be imported without `a` and `a.b`."""
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _imported_by(module: str) -> Iterator[str]:
    """Names in a module's import statements and in its questions where a package is: `find_spec("PyKomoran")`.

    The names after `from x import` may be modules too.
    """
    source = _source(module)
    if source is None:
        return
    for node in _run_by_python(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("find_spec"):
            yield from (str(name.value) for name in node.args if isinstance(name, ast.Constant))


def _run_by_python(node: ast.AST) -> Iterator[ast.AST]:
    """Yields every node but those that only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _run_by_python(child)


def _source(module: str) -> Path | None:
    """The file of a module of ours, without importing it; None for what is a class or a function."""
    path = Path(bitjaru.__file__).parent.joinpath(*module.split(".")[1:])
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)
