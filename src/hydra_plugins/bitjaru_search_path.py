"""Lets any Hydra program find `hydra/sweeper=bitjaru`, and nothing else of this project. Runs on every start."""

from pathlib import Path

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin

import bitjaru

CONF = Path(bitjaru.__file__).parent / "sweep" / "conf"


class BitjaruSearchPath(SearchPathPlugin):
    """Puts the sweeper's options behind the program's own."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Appends the folder that holds `hydra/sweeper/bitjaru.yaml` and its samplers, pruners and executors."""
        search_path.append("bitjaru", f"file://{CONF}")
