"""Hydra's config loader as the sweep sees it: what exists, and what a trial's overrides compose to."""

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from hydra.core.object_type import ObjectType
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from bitjaru.errors import ConfigError
from bitjaru.files import write_text
from bitjaru.sweep.space.composition_cache import Composed, Mould, choices
from bitjaru.sweep.space.grammar import parse

log = logging.getLogger(__name__)


class Composition:
    """Fits `bitjaru.sweep.space.space_reader.Composer`."""

    def __init__(self, loader: Any, master: DictConfig) -> None:
        self.loader = loader
        self.master = master
        self._options: dict[str, list[str]] = {}
        self._composed: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._loaded: dict[tuple[str, ...], DictConfig] = {}
        self._moulds: dict[tuple[tuple[str, ...], tuple[str, ...]], Mould] = {}

    @cached_property
    def defaults(self) -> Mapping[str, str]:
        """The option of each group, Hydra's own left out."""
        return choices(self.master)

    @property
    def starts_searches(self) -> bool:
        """Whether the config itself says `hydra.mode: MULTIRUN`, whatever was typed."""
        given: list[str] = _plain(self.master.hydra.overrides)["hydra"]
        typed = [line for line in given if not line.startswith("hydra.mode=")]
        if typed == given:
            return True  # nobody typed `-m`
        try:
            node = self.loader.load_configuration(self.master.hydra.job.config_name, typed, RunMode.RUN)
        except HydraException:  # a config that is only whole with what is searched
            return False
        return str(node.hydra.mode).endswith(RunMode.MULTIRUN.name)

    def options(self, group: str) -> Sequence[str]:
        """Returns the names of a group's options."""
        if group not in self._options:
            self._options[group] = self.loader.get_group_options(
                group,
                results_filter=ObjectType.CONFIG,
                config_name=self.master.hydra.job.config_name,
                overrides=list(self.master.hydra.overrides.hydra),
            )
        return self._options[group] if group.partition("/")[0] else []

    def compose(self, overrides: Sequence[str]) -> Mapping[str, Any]:
        """Composes without resolving."""
        key = tuple(overrides)
        if key not in self._composed:
            node = self._loaded[key] = self._load(overrides)
            self._composed[key] = {name: value for name, value in _plain(node).items() if name != "hydra"}
        return self._composed[key]

    def settings(self, overrides: Sequence[str]) -> Mapping[str, Any]:
        """Composes and resolves: what the platform is asked about before the first trial."""
        return self._cast(overrides, 0)[1].config

    def trial(self, overrides: Sequence[str], number: int) -> Composed:
        """Composes a trial and writes Hydra's record of it into the trial's folder.

        Raises:
            ConfigError: If these overrides do not fit together.
        """
        mould, composed = self._cast(overrides, number)
        mould.record(composed.folder / ".hydra", composed)
        return composed

    def job(self, overrides: Sequence[str], number: int) -> Composed:
        """Composes a trial of a plain program as Hydra's launchers do, with Hydra's own node.

        Raises:
            ConfigError: If these overrides do not fit together.
        """
        mould, values = self._mould(overrides)
        try:
            return mould.pack(values, overrides, number)
        except OmegaConfBaseException as error:
            raise ConfigError(f"A configuration must compose. Received: {' '.join(overrides)} ({error}).") from error

    def move(self, folder: str) -> None:
        """Puts the job folders of this sweep under `folder`, for jobs composed from now on."""
        with read_write(self.master), open_dict(self.master):
            self.master.hydra.sweep.dir = folder
            self.master.hydra.overrides.hydra.append(f"hydra.sweep.dir='{folder}'")
        self._moulds.clear()
        self._composed.clear()
        self._loaded.clear()

    def save(self, folder: Path) -> None:
        """Writes `multirun.yaml`, Hydra's record of a whole sweep."""
        write_text(folder / "multirun.yaml", OmegaConf.to_yaml(self.master))

    def _cast(self, overrides: Sequence[str], number: int) -> tuple[Mould, Composed]:
        mould, values = self._mould(overrides)
        try:
            return mould, mould.cast(values, overrides, number)
        except OmegaConfBaseException as error:
            raise ConfigError(f"A configuration must resolve. Received: {' '.join(overrides)} ({error}).") from error

    def _mould(self, overrides: Sequence[str]) -> tuple[Mould, Mapping[str, Any]]:
        """Returns what these overrides' configuration is made of, and the values to be set in it."""
        structure, values = self._split(overrides)
        key = (structure, tuple(values))
        if key not in self._moulds:
            # Composed with everything the first time: Hydra's own checks see each kind of trial once.
            # A mould changes what it is made of: it takes that along.
            loaded = tuple(overrides) in self._loaded
            node = self._loaded.pop(tuple(overrides)) if loaded else self._load(overrides)
            self._moulds[key] = Mould(node)
        return self._moulds[key], values

    def _split(self, overrides: Sequence[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Tells what shapes a configuration from plain values that are set in it afterwards."""
        structure, values = [], {}
        for line in overrides:
            override = parse(line)
            changes = not (
                override.is_delete() or override.package
            )  # what is added is there in every trial of the kind
            value = override.value() if changes else None
            if changes and not isinstance(value, dict) and not self.options(override.key_or_group):
                values[override.key_or_group] = value
            else:
                structure.append(line)
        names_its_folders = "override_dirname" in str(self.master.hydra.sweep._get_node("subdir"))
        return (tuple(overrides) if names_its_folders else tuple(structure)), values

    def _load(self, overrides: Sequence[str]) -> DictConfig:
        try:
            node: DictConfig = self.loader.load_sweep_config(self.master, list(overrides))
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(f"Overrides must compose. Received: {' '.join(overrides)} ({error}).") from error
        return node


def _plain(node: DictConfig) -> dict[str, Any]:
    container = OmegaConf.to_container(node, resolve=False)
    return {str(key): value for key, value in container.items()} if isinstance(container, dict) else {}
