"""Where the project's folders are, whatever the working directory is.

`BITJARU_HOME` names the folder that holds `conf/` and `mlruns/`. Without it that is the checkout this
package was installed from, and for an installed copy without a checkout the working directory.
`BITJARU_CACHE` names the folder for downloads and tokens, by default `bitjaru` in the user's cache folder.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path


def home() -> Path:
    """Returns the folder that holds `conf/`, `sweeps/` and `mlruns/`, as an absolute path."""
    if named := os.environ.get("BITJARU_HOME"):
        return Path(named).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "conf").is_dir() else Path.cwd()


def store() -> Path:
    """Returns the folder of the tracking database, the search database and the artifacts."""
    return home() / "mlruns"


def train_command(arguments: Sequence[str]) -> list[str]:
    """Returns the command that trains with these overrides, in the environment that runs now."""
    return [sys.executable, str(Path(__file__).resolve().parents[2] / "train.py"), *arguments]


def cache() -> Path:
    """Returns the folder for downloaded data and cached tokens. It may not exist yet."""
    if named := os.environ.get("BITJARU_CACHE"):
        return Path(named).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "bitjaru"
