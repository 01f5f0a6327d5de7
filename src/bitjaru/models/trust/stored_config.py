"""The config of a saved model's run: values only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from bitjaru import project, targets
from bitjaru.data.stored import read_bytes
from bitjaru.errors import BundleError

FILE = "config.yaml"
MOST_BYTES = 1 << 20
DEEPEST = 50


def read_config(folder: Path) -> DictConfig:
    """Returns the config of a saved bundle's run.

    Raises:
        BundleError: If it is missing or none, or would read or run anything when it is looked at.
    """
    try:
        text = read_bytes(folder / FILE, most=MOST_BYTES).decode("utf-8")
        _check_events(text)
        config = OmegaConf.create(text)
    except (OSError, ValueError, yaml.YAMLError, OmegaConfBaseException) as error:
        raise BundleError(f"A model's files must hold its config. Received: {folder / FILE}: {error}.") from error
    if not isinstance(config, DictConfig):
        raise BundleError(f"`{folder / FILE}` must hold a mapping. Received: a list. Train the model again.")
    if found := next(_interpolations(config, ""), None):
        raise BundleError(
            f"A stored config must hold values only. Received: {found}, which would read something else when it is "
            "looked at. bitjaru does not write such: do not use this model."
        )
    _check_own(config, folder)
    return config


def _check_events(text: str) -> None:
    """A few lines that repeat each other become any number of nodes, and no config is nested deep."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(f"it repeats `{event.anchor}`, which bitjaru does not write")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} times")


def _interpolations(node: Any, place: str) -> Iterator[str]:
    keys = range(len(node)) if isinstance(node, ListConfig) else list(node)
    for key in keys:
        here = f"{place}.{key}".lstrip(".")
        if OmegaConf.is_interpolation(node, key):
            yield here
        elif isinstance(value := node._get_node(key), DictConfig | ListConfig) and not value._is_none():
            yield from _interpolations(value, here)


def _check_own(config: DictConfig, folder: Path) -> None:
    """A model may be made of the project's own parts, but not of what came with the model itself."""
    home = project.home().resolve()
    if not (place := folder.resolve()).is_relative_to(home):
        return
    came_with = next(iter(place.relative_to(home).parts), ".")
    beside = {path.stem for path in home.iterdir()} if came_with == "." else {came_with}
    if any(name.partition(".")[0] in beside for name in targets.named(config)):
        raise BundleError(
            f"A model's parts must be bitjaru's or the project's own. Received: {folder}, whose config names code in "
            f"`{came_with}`, where the model itself lies. Nothing of it was imported."
        )
