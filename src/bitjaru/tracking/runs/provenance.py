"""Where a run comes from: code, machine and packages."""

import getpass
import platform
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import bitjaru
from bitjaru import project

GIT_SECONDS = 5.0


def tags() -> dict[str, str]:
    """Returns tags for the code's version, the user, the machine and the command."""
    return {
        "mlflow.user": user(),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": Path(sys.argv[0]).name or "python",
        "bitjaru.version": bitjaru.__version__,
        "python": platform.python_version(),
        "host": platform.node(),
        **_git(project.home()),
    }


def _git(home: Path) -> dict[str, str]:
    """The commit and whether the tree was as it says; or why that is not known."""
    try:
        commit = _ask_git(home, "rev-parse", "HEAD")
        changes = _ask_git(home, "status", "--porcelain")
    except FileNotFoundError:
        return {"git": "not installed"}
    except subprocess.TimeoutExpired:
        return {"git": f"no answer within {GIT_SECONDS:.0f} s"}
    except subprocess.CalledProcessError:
        return {"git": "no repository"}
    return {"mlflow.source.git.commit": commit, "mlflow.source.git.dirty": str(bool(changes)).lower()}


def _ask_git(home: Path, *arguments: str) -> str:
    answer = subprocess.run(
        ["git", "--no-optional-locks", "-C", str(home), *arguments],  # killed, it would leave a lock in the way
        check=True,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=GIT_SECONDS,
    )
    return answer.stdout.strip()


def user() -> str:
    """Returns the name of who started the process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "unknown"


@cache
def packages() -> str:
    """Returns `name==version` of every installed package, one a line, as pip takes it.

    Read from the names of their folders: opening the description of each would take half a second.
    """
    found: dict[str, str] = {}
    for folder in (each for entry in sys.path for each in Path(entry).glob("*.dist-info")):
        name, _, version = folder.stem.rpartition("-")
        found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))
