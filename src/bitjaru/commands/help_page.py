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


def text(conf: Path) -> str:
    """Returns the page.

    Args:
        conf: The folder of the config groups; the words are in `hydra/help/bitjaru.yaml` there.
    """
    page = OmegaConf.create({"hydra": {"help": OmegaConf.load(conf / "hydra" / "help" / "bitjaru.yaml")}})
    groups = sorted(_groups(conf))
    listed = "".join(f"{group}: {', '.join(options)}\n" for group, options in groups)
    return Template(page.hydra.help.template).substitute(APP_CONFIG_GROUPS=listed)


def _groups(conf: Path) -> Iterator[tuple[str, list[str]]]:
    """Yields each group of the project's own with its options; Hydra's are on the page of `--hydra-help`."""
    for folder, _, files in os.walk(conf):
        group = Path(folder).relative_to(conf)
        options = sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml"))
        if options and group.parts and group.parts[0] != "hydra":
            yield group.as_posix(), options
