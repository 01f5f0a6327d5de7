"""Java archives that Python packages bring."""

from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path

from bitjaru.errors import TokenizerError


def jars(package: str, spec: ModuleSpec | None, folder: str, names: Sequence[str]) -> tuple[Path, ...]:
    """Returns one path for each name, without importing the package.

    Args:
        package: The Python package, as pip calls it.
        spec: What `find_spec` says of it. It stands in the caller, where `tracking.requirements` reads it.
        folder: Where in the package the files are.
        names: Patterns of file names; the last match in sorted order counts.

    Raises:
        TokenizerError: If the package or one of the files is missing.
    """
    if spec is None or not spec.submodule_search_locations:
        raise TokenizerError(
            f"This tokenizer needs the Python package {package}. Received: none is installed. "
            f"Install it with `pip install {package}`."
        )
    place = Path(spec.submodule_search_locations[0]) / folder
    found = {name: sorted(place.glob(name)) for name in names}
    if missing := [name for name, files in found.items() if not files]:
        raise TokenizerError(
            f"The package {package} must hold {', '.join(missing)} in `{place}`. Received: no such file. "
            f"Install it again with `pip install --force-reinstall {package}`."
        )
    return tuple(files[-1] for files in found.values())
