"""`bitjaru init`: a project of one's own."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from bitjaru import project
from bitjaru.errors import ConfigError
from bitjaru.files import write_text

STARTER = "starter"
# Files that tools would take for the package's own are kept under another name.
NAMES = {"train.py.txt": "train.py", "gitignore.txt": ".gitignore"}


def init(folder: Annotated[Path, typer.Argument(help="Is made where it does not exist.")] = Path()) -> None:
    """Makes a project: conf/ and sweeps/ for options of your own, mlruns/ for its runs, and a train.py."""
    place = folder.resolve()
    if project.is_project(place):
        raise ConfigError(f"The folder must be no project yet. Received: {place}, which is one. It is left as it is.")
    files = dict(_files(resources.files("bitjaru.commands") / STARTER, place))
    if there := [path for path in files if path.exists()]:
        raise ConfigError(
            f"Nothing is written over. Received: {place}, where there is {', '.join(map(str, there))}. Choose another "
            "folder."
        )
    for path, text in files.items():
        write_text(path, text)
        typer.echo(f"  {path.relative_to(place)}")
    typer.echo(f"A project: {place}. Next: cd {folder} && python train.py --help")


def _files(source: Traversable, target: Path) -> list[tuple[Path, str]]:
    found = []
    for each in sorted(source.iterdir(), key=lambda entry: entry.name):
        path = target / NAMES.get(each.name, each.name)
        found += _files(each, path) if each.is_dir() else [(path, each.read_text(encoding="utf-8"))]
    return found
