"""Where a project's folders are, and the config that comes with the package.

A *project* is a folder with its own runs: a clone of bitjaru, or what `bitjaru init` makes. It is known by `conf/` and
a `train.py` of bitjaru's. `BITJARU_HOME` names one; without it that is the nearest one at or above the working
directory, and where there is none the working directory itself. Which environment the package was installed into has no
say, so that two folders never share a store by accident.

`BITJARU_CACHE` names the folder for downloads and tokens, by default `bitjaru` in the user's cache folder.
"""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

HOME = "BITJARU_HOME"
CONF, PROGRAM = "conf", "train.py"
KEY = re.compile(r"~|\+{0,2}[\w./@:$-]+=")  # with which an override begins
MARKS = re.compile(r"['\"(\[{]")
CLOSING = {"(": ")", "[": "]", "{": "}"}


def home() -> Path:
    """Returns the project's folder, which holds `mlruns/`, as an absolute path."""
    if named := os.environ.get(HOME):
        return Path(named).expanduser().resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if is_project(folder)), here)


def is_project(folder: Path) -> bool:
    """Tells whether a folder is a project's."""
    program = folder / PROGRAM
    return (folder / CONF).is_dir() and program.is_file() and "bitjaru" in program.read_text(errors="replace")


def store() -> Path:
    """Returns the folder of the tracking database, the search database and the artifacts."""
    return home() / "mlruns"


def package() -> Path:
    """Returns the folder of the package, which holds `conf/` and `sweeps/` as they were delivered."""
    return Path(__file__).resolve().parent


def conf() -> Path:
    """Returns the folder whose `config.yaml` is composed: the project's, if it has a whole one, else the package's."""
    own = home() / CONF
    return own if (own / "config.yaml").is_file() else package() / CONF


def search_path() -> list[str]:
    """Returns where Hydra looks for options besides `conf()`: ready-made searches, and the project's own options."""
    folders = [package(), home(), home() / CONF]
    there = [folder for folder in folders if folder.is_dir() and folder.resolve() != conf().resolve()]
    return [f"file://{folder}" for folder in there]


def conf_folders() -> list[Path]:
    """Returns every folder of config groups: that of `conf()`, and the project's own."""
    own = home() / CONF
    return [conf(), *([own] if own.is_dir() and own.resolve() != conf().resolve() else [])]


def make_importable() -> None:
    """Lets a project's own options name classes of its own modules; installed packages go first."""
    if is_project(home()) and str(home()) not in sys.path:
        sys.path.append(str(home()))


def train_command(arguments: Sequence[str]) -> list[str]:
    """Returns the command that trains with these overrides, in the environment that runs now."""
    return [sys.executable, "-m", "bitjaru.commands.train", *arguments]


def one_run(overrides: Sequence[str]) -> list[str]:
    """Returns a trial's overrides as those of a single run: a ready-made search would start itself again."""
    searches = any(each.startswith("sweeps=") for each in overrides)
    return [*overrides, *(["hydra.mode=RUN"] if searches else [])]


def quoted(value: Path | str, *, mark: str = "'") -> str:
    """Returns a path or a text as Hydra's grammar takes it, whatever signs are in it.

    A backslash means itself there, but before a quotation mark and at the end, where it is doubled.

    Args:
        value: What is meant.
        mark: Around it, one of both quotation marks.
    """
    marked = re.sub(rf"(\\*){mark}", lambda found: f"{found[1] * 2}\\{mark}", str(value))
    return mark + re.sub(r"(\\+)$", lambda found: found[1] * 2, marked) + mark


def overrides_in(line: str) -> list[str]:
    """Takes overrides apart that were joined by spaces, as a run's tag has them.

    A space within quotes or brackets, or before what is no key, belongs to a value: `dataset.path='my reviews.csv'`.
    """
    found: list[str] = []
    inside = ""
    for word in line.split(" "):
        if found and (inside or not KEY.match(word)):
            found[-1] += f" {word}"
        elif word:
            found.append(word)
        if inside or MARKS.search(word):
            inside = _still_open(inside, word)
    return found


def _still_open(inside: str, word: str) -> str:
    """Returns the marks that are still to come, the next one last: closing brackets and quotation marks."""
    escaped = False
    for letter in word:
        quote = inside[-1:] in ("'", '"')
        if inside and letter == inside[-1] and not escaped:
            inside = inside[:-1]
        elif not quote and not escaped and letter in "'\"([{":
            inside += CLOSING.get(letter, letter)
        escaped = letter == "\\" and not escaped
    return inside


def typed(arguments: Sequence[str]) -> list[str]:
    """Returns the same command as a person types it."""
    return [*(["python", PROGRAM] if is_project(home()) else ["bitjaru", "train"]), *arguments]


def cache() -> Path:
    """Returns the folder for downloaded data and cached tokens. It may not exist yet."""
    if named := os.environ.get("BITJARU_CACHE"):
        return Path(named).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "bitjaru"
