"""One composition for many trials: those with the same choices differ in plain values only."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from bitjaru.files import write_text
from bitjaru.sweep.execution.hydra_job import packed
from bitjaru.yaml_text import as_yaml

OF_A_TRIAL = ("job", "overrides", "runtime")  # sections of Hydra's node that `Mould.cast` changes


@dataclass(frozen=True)
class Composed:
    """A trial's configuration.

    Attributes:
        config: Plain and resolved, without Hydra's node.
        choices: The option of each config group.
        folder: Where the trial's files go.
        packed: The same of a plain program, as `Job.packed`; its `config` is empty.
    """

    config: Mapping[str, Any]
    choices: Mapping[str, str]
    folder: Path
    packed: bytes = b""


@dataclass
class Mould:
    """A composed configuration that takes the values of one trial after the other.

    Composing costs Hydra a tenth of a second and more; setting values what Hydra's own last step costs. Every
    trial that uses a mould sets the same keys, so nothing of an earlier trial stays.

    Attributes:
        node: As Hydra composed it, its own node included.
    """

    node: DictConfig
    _asks_hydra: bool = field(init=False)
    _settled: str = ""

    def __post_init__(self) -> None:
        # `${hydra:…}` asks a singleton, which is slow to set: only where it occurs.
        self._asks_hydra = "${hydra:" in str(OmegaConf.to_container(self.node, resolve=False))

    def cast(self, values: Mapping[str, Any], overrides: Sequence[str], number: int) -> Composed:
        """Returns the configuration of a trial.

        Args:
            values: The plain values, by key.
            overrides: All of the trial's overrides, for the record.
            number: The trial's number.
        """
        with self._filled(values, overrides, number) as folder:
            config = {str(key): _value(self.node, str(key)) for key in self.node if key != "hydra"}
        return Composed(config, choices(self.node), folder)

    def pack(self, values: Mapping[str, Any], overrides: Sequence[str], number: int) -> Composed:
        """Returns the configuration of a trial as Hydra hands it to a launcher: not resolved, with its own node."""
        with self._filled(values, overrides, number) as folder:
            return Composed({}, choices(self.node), folder, packed(self.node))

    @contextmanager
    def _filled(self, values: Mapping[str, Any], overrides: Sequence[str], number: int) -> Iterator[Path]:
        """Sets what is a trial's own; yields where its files go."""
        node = self.node
        for key, value in values.items():
            OmegaConf.update(node, key, value, merge=True)
        with read_write(node.hydra), open_dict(node.hydra):
            node.hydra.job.id = node.hydra.job.num = number
            node.hydra.overrides.task = list(overrides)
        with self._singleton():
            folder = Path(str(node.hydra.sweep.dir)).resolve() / str(node.hydra.sweep.subdir)
            with read_write(node.hydra), open_dict(node.hydra):
                node.hydra.runtime.output_dir = str(folder)
            yield folder

    def record(self, folder: Path, composed: Composed) -> None:
        """Writes `.hydra/`, Hydra's record of a job."""
        write_text(folder / "config.yaml", as_yaml(dict(composed.config)))
        write_text(folder / "hydra.yaml", self._hydra())
        write_text(folder / "overrides.yaml", as_yaml(_plain(self.node.hydra.overrides.task)))

    def _hydra(self) -> str:
        """Returns Hydra's node as YAML; most of it is the same for every trial, and written out once."""
        if not self._settled:
            whole = _plain(self.node.hydra)
            self._settled = as_yaml({"hydra": {key: value for key, value in whole.items() if key not in OF_A_TRIAL}})
        its = {"hydra": {name: _plain(self.node.hydra[name]) for name in OF_A_TRIAL}}
        return self._settled + as_yaml(its).partition("\n")[2]  # goes on below the same key

    @contextmanager
    def _singleton(self) -> Iterator[None]:
        if not self._asks_hydra:
            yield
            return
        before = HydraConfig.instance().cfg
        HydraConfig.instance().set_config(self.node)
        try:
            yield
        finally:
            HydraConfig.instance().cfg = before


def choices(node: DictConfig) -> dict[str, str]:
    """Returns the option of each config group; Hydra's own are left out, and those that have none yet (`???`)."""
    chosen = node.hydra.runtime.choices
    groups = [group for group in chosen if not OmegaConf.is_missing(chosen, group)]
    return {str(group): str(chosen[group]) for group in groups if not str(group).startswith("hydra/")}


def _value(node: DictConfig, key: str) -> Any:
    if OmegaConf.is_missing(node, key):
        return "???"
    value = node[key]
    return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value


def _plain(node: Any) -> Any:
    return OmegaConf.to_container(node, resolve=False, enum_to_str=True)
