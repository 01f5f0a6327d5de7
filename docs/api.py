"""Writes docs/api.md: every name that `bitjaru` offers to other programs, with its signature and docstring."""

import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bitjaru

PAGE = Path(__file__).with_name("api.md")
INDENT = " " * 4
HEAD = """# What other programs may import

`from bitjaru import NAME`. These names stay; everything else may move. Written by `make api`.
"""


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


def page() -> str:
    """Returns the page as it should be."""
    return "\n".join([HEAD, *(_section(name, getattr(bitjaru, name)) for name in bitjaru.__all__)])


def _section(name: str, thing: Any) -> str:
    keyword = "class" if inspect.isclass(thing) else "def"
    own = _entry(f"{keyword} {name}{_signature(thing)}".removesuffix(" -> None"), thing)
    members = [_entry(f"def {member}{_signature(each)}", each) for member, each in _members(thing)]
    code = "\n\n".join([own, *(textwrap.indent(member, INDENT) for member in members)])
    return f"## {name}\n\nfrom `{thing.__module__}`\n\n```python\n{code}\n```\n"


def _entry(signature: str, thing: Any) -> str:
    documentation = inspect.cleandoc(thing.__doc__ or "")
    return "\n".join([signature, *([textwrap.indent(f'"""{documentation}"""', INDENT)] if documentation else [])])


def _members(thing: Any) -> Iterator[tuple[str, Any]]:
    """Yields what is public in a class, in the order in which it is written."""
    if not inspect.isclass(thing):
        return
    for name, value in vars(thing).items():
        member = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        member = member.fget if isinstance(member, property) else member
        if not name.startswith("_") and inspect.isfunction(member):
            yield name, member


def _signature(thing: Any) -> str:
    if getattr(thing, "_is_protocol", False):
        return ""
    try:
        written = str(inspect.signature(thing)).replace("pathlib._local.", "pathlib.")  # where Python 3.13 has paths
        return written.replace("'", "").replace("bitjaru.", "")
    except (TypeError, ValueError):
        return ""


if __name__ == "__main__":
    main()
