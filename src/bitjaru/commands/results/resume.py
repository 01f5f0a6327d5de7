"""`bitjaru resume`."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer


def resume(folder: Annotated[Path, typer.Argument(help="Of the grid: multirun/DATE/TIME.")]) -> None:
    """Goes on with a grid that was killed: only runs that have not finished, into the same parent."""
    from bitjaru import project
    from bitjaru.runs.grid_folder import arguments

    place = folder.resolve()
    asked = [each for each in arguments(place) if not each.startswith("hydra.sweep.dir=")]
    quoted = str(place).replace("\\", "\\\\").replace("'", "\\'")
    command = project.train_command([*asked, f"hydra.sweep.dir='{quoted}'"])
    sys.exit(subprocess.run(command, check=False).returncode)
