"""Looking into a composed configuration by dotted keys."""

from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]


def at(node: Any, path: str) -> Any:
    """Returns what stands at a key; an empty mapping where nothing does."""
    for step in path.split("."):
        node = node.get(step, {}) if isinstance(node, Mapping) else {}
    return node


def siblings(node: Node, key: str) -> Node:
    """Returns the section in which a key stands, or would stand; an empty one if there is none."""
    path = key.rpartition(".")[0]
    parent = at(node, path) if path else node
    return parent if isinstance(parent, Mapping) else {}


def has(node: Node, key: str) -> bool:
    """Returns whether a key stands in the configuration."""
    return key.rpartition(".")[2] in siblings(node, key)


def leaves(node: Node, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yields each key below a section that is no section itself, with its value as an override has it."""
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "null" if value is None else str(value)
