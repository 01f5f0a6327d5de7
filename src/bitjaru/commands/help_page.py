"""What `python train.py --help` prints: the page that Hydra would print, found in a fraction of its time.

Hydra 1.3 composes the whole config first, then asks every config source for every group twice.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template

from omegaconf import OmegaConf


def is_asked_for(arguments: Sequence[str]) -> bool:
    """Tells whether nothing but the page is wanted; with overrides or other flags beside it, it is left to Hydra."""
    return list(arguments) in (["--help"], ["-h"])


def text(folders: Sequence[Path]) -> str:
    """Returns the page.

    Args:
        folders: Of the config groups; the words are in `hydra/help/bitjaru.yaml` of the first.
    """
    page = OmegaConf.create({"hydra": {"help": OmegaConf.load(folders[0] / "hydra" / "help" / "bitjaru.yaml")}})
    groups: dict[str, set[str]] = {}
    for folder in folders:
        for group, options in _groups(folder):
            groups.setdefault(group, set()).update(options)
    listed = "".join(f"{group}: {', '.join(sorted(groups[group]))}\n" for group in sorted(groups))
    return Template(page.hydra.help.template).substitute(APP_CONFIG_GROUPS=listed)


def _groups(conf: Path) -> Iterator[tuple[str, list[str]]]:
    """Yields each group of the project's own with its options; Hydra's are on the page of `--hydra-help`."""
    for folder, _, files in os.walk(conf):
        group = Path(folder).relative_to(conf)
        options = sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml"))
        if options and group.parts and group.parts[0] != "hydra":
            yield group.as_posix(), options
