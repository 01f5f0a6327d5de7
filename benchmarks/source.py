"""Figures of the source itself: `python benchmarks/source.py [CHECKOUT …]`, a column each.

A function's lines are those of its body, without its docstring. A circle is a group of modules each of which can be
reached from each other by imports, wherever in the file they stand; a folder's modules are counted without `__init__`.
"""

import argparse
import ast
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    """Prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="*", default=[Path(__file__).resolve().parents[1]])
    measured = {str(checkout): figures(checkout / "src" / "bitjaru") for checkout in parser.parse_args().checkouts}
    print("| |" + "".join(f" {name} |" for name in measured))
    print("|---|" + "---:|" * len(measured))
    for figure in next(iter(measured.values())):
        print(f"| {figure} |" + "".join(f" {each[figure]} |" for each in measured.values()))


def figures(package: Path) -> Mapping[str, str]:
    """Returns every figure of one package, ready to print."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(package.rglob("*.py"))}
    graph = imports({module(file, package): tree for file, tree in trees.items()})
    lengths = sorted(length(node) for tree in trees.values() for node in ast.walk(tree) if isinstance(node, Function))
    notes = [note for tree in trees.values() for note in annotations(tree)]
    folders = Counter(file.parent for file in trees if file.name != "__init__.py")
    largest, modules = folders.most_common(1)[0]
    users = Counter(target for targets in graph.values() for target in targets)
    return {
        "files": str(len(trees)),
        "lines": f"{sum(map(lines, trees)):,}",
        "functions": f"{len(lengths):,}",
        "lines of a function, median": f"{statistics.median(lengths):g}",
        "lines of a function, 90th percentile": f"{lengths[9 * len(lengths) // 10]}",
        "annotations with `Any`": f"{sum('Any' in note for note in notes) / len(notes):.1%} of {len(notes):,}",
        "circles": str(len(circles(graph))),
        "modules in the largest folder": f"{modules} ({largest.relative_to(package.parent)})",
        "folders with more than 12 modules": str(sum(count > 12 for count in folders.values())),
        "modules below 25 lines with a single user": str(
            sum(lines(file) < 25 and users[module(file, package)] == 1 for file in trees if file.name != "__init__.py")
        ),
    }


def lines(file: Path) -> int:
    """Counts the lines of a file."""
    return len(file.read_text(encoding="utf-8").splitlines())


def module(file: Path, package: Path) -> str:
    """Returns a file's name as it is imported."""
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def length(function: Function) -> int:
    """Counts the lines of a function's body."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def annotations(tree: ast.Module) -> Iterator[str]:
    """Yields every annotation: of arguments, of results, of variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield ast.unparse(node.annotation)
        elif isinstance(node, Function) and node.returns is not None:
            yield ast.unparse(node.returns)


def imports(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Returns which modules of the package each of them imports."""
    graph: dict[str, set[str]] = {name: set() for name in trees}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                found = [path if path in trees else str(node.module) for path in inside]
            else:
                continue
            graph[name] |= {path for path in found if path in trees and path != name}
    return graph


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Returns the groups of modules that reach each other. The package's own door, `__init__`, is left out."""
    door = min(graph, key=len)
    reached = {name: _reached(name, graph, door) for name in graph if name != door}
    groups = [{other for other in reached if other in reached[name] and name in reached[other]} for name in reached]
    unique = {frozenset(group | {name}) for name, group in zip(reached, groups, strict=True) if name in reached[name]}
    return [set(group) for group in unique]


def _reached(start: str, graph: Mapping[str, set[str]], door: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in seen and name != door:
            seen.add(name)
            waiting.extend(graph[name])
    return seen


if __name__ == "__main__":
    main()
