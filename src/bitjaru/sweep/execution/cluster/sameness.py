"""Whether a node would run the same program as the sweep: Python, this package's code, and every library it needs."""

import hashlib
import platform
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import bitjaru
from bitjaru.errors import ConfigError

NAME = re.compile(r"[\w.-]+")


@cache
def versions() -> Mapping[str, str]:
    """Returns what may change a trial's value, by name; what only an extra brings is left out."""
    found = {"Python": platform.python_version(), "bitjaru": bitjaru.__version__, "its code": _code()}
    for line in requires("bitjaru") or ():
        name = NAME.match(line)
        if name is None or "extra ==" in line:
            continue
        try:
            found[name[0]] = version(name[0])
        except PackageNotFoundError:
            continue
    return found


def check(node: str, theirs: Mapping[str, str]) -> None:
    """Compares a node with this process.

    Raises:
        ConfigError: If something differs; names it.
    """
    ours = versions()
    different = [
        f"{name} {theirs.get(name, 'missing')} (here {ours.get(name, 'missing')})"
        for name in {**ours, **theirs}
        if ours.get(name) != theirs.get(name)
    ]
    if different:
        raise ConfigError(
            f"Every node must have what the sweep has. Received of {node}: {', '.join(different)}. Install the same "
            "there (`requirements.lock`), or name a `hydra.sweeper.executor.runtime_env`."
        )


def _code() -> str:
    """Returns a sum over the package's modules, without where they lie."""
    package = Path(bitjaru.__file__).parent
    total = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        total.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:12]
