"""What a `_target_` may name, decided before anything is imported.

Hydra imports and calls whatever a `_target_` names, and its own list of forbidden names stops a handful of functions. A
model from a stranger holds a config; here only parts can be made of it: classes of this package that stand in the rooms
of their group, and classes of modules in the project's own folder.
"""

import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from omegaconf import DictConfig, OmegaConf

from bitjaru import project
from bitjaru.errors import ConfigError

TARGET = "_target_"
ROOMS: Mapping[str, Sequence[str]] = {
    "dataset": ("bitjaru.datasets.",),
    "tokenizer": ("bitjaru.tokenizers.",),
    "task": ("bitjaru.tasks.",),
    "architecture": ("bitjaru.architectures.", "bitjaru.tokenizers."),  # a view has a tokenizer of its own
    "optimizer": ("bitjaru.optimizers.",),
    "trainer": ("bitjaru.training.",),
    "tracking": ("bitjaru.tracking.",),
    "gate": ("bitjaru.promotion.", "bitjaru.architectures."),  # the gate has a linear model
    "sampler": ("optuna.samplers.", "bitjaru.sweep.methods."),
    "pruner": ("optuna.pruners.", "bitjaru.sweep.methods."),
    "executor": ("bitjaru.sweep.execution.",),
}
METHODS = ("sampler", "pruner", "executor")  # whose options are Optuna's classes or functions that make them
OFFERING = ("optuna.samplers", "optuna.pruners")  # their classes stand in modules of their own
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
NAMES_OF_HYDRA = re.compile(r"_[a-z]+_")


def check(node: Any, group: str, *, key: str | None = None) -> None:
    """Refuses a node that would make anything but parts.

    Args:
        node: Of a config group, plain, its interpolations resolved.
        group: Decides which rooms its parts stand in.
        key: Of the node in the config, for errors.

    Raises:
        ConfigError: If a target is none of the group's parts, or another key of Hydra's stands in the node.
    """
    for place, name, value in _named(node, key or group):
        if name == TARGET:
            _check_target(value, group, place)
        elif (name, value, group) != ("_partial_", True, "sampler"):  # the official plugin's grid, which is only named
            raise ConfigError(f"`{place}.{name}` must not be there. Received: {value}. Parts have a `_target_` alone.")


def _check_target(value: Any, group: str, place: str) -> None:
    if not isinstance(value, str) or not NAME.fullmatch(value) or not _is_allowed(value, group):
        rooms = " or ".join(room.rstrip(".") for room in ROOMS[group])
        raise ConfigError(
            f"`{place}.{TARGET}` must name a part of the group `{group}`: in {rooms}, or in a module of the project's "
            f"own folder. Received: {value}. Nothing of it was imported."
        )
    (_must_be_a_method if group in METHODS else _must_be_a_part)(value, place)


def named(node: Any) -> list[str]:
    """Returns what all targets below a node name."""
    plain = OmegaConf.to_container(node) if isinstance(node, DictConfig) else node
    return [str(value) for _, name, value in _named(plain, "") if name == TARGET]


def _named(node: Any, place: str) -> Iterator[tuple[str, str, Any]]:
    """Yields Hydra's own keys with their place and value, of a node and of all below it."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if NAMES_OF_HYDRA.fullmatch(str(key)):
                yield place, str(key), value
            else:
                yield from _named(value, f"{place}.{key}")
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node):
            yield from _named(value, f"{place}[{number}]")


def _is_allowed(target: str, group: str) -> bool:
    return target.startswith(tuple(ROOMS[group])) or is_own(target)


def is_own(target: str) -> bool:
    """Returns whether a name begins with a module of the project's own folder."""
    home = project.home()
    return project.is_project(home) and lies_in(target.partition(".")[0], home)


def lies_in(module: str, folder: Path) -> bool:
    """Returns whether a module at the top is found in a folder, and nowhere before."""
    if not module or not ((folder / f"{module}.py").is_file() or (folder / module).is_dir()):
        return False
    found = importlib.util.find_spec(module)
    places = [] if found is None else [found.origin, *(found.submodule_search_locations or ())]
    return any(place is not None and Path(place).resolve().is_relative_to(folder.resolve()) for place in places)


def _must_be_a_part(target: str, place: str) -> None:
    _, found = _found(target, place)
    if not (isinstance(found, type) and is_dataclass(found) and hasattr(found, "__pydantic_validator__")):
        raise ConfigError(
            f"`{place}.{TARGET}` must name a class that is a part (`bitjaru.options.part`). Received: {target}."
        )


def _must_be_a_method(target: str, place: str) -> None:
    """A module holds what it imported, too: only what a module defines or offers may be named."""
    module, found = _found(target, place)
    offered = getattr(module, "__all__", ()) if module.__name__ in OFFERING else ()
    name = target.rpartition(".")[2]
    if "._" in target or not callable(found) or not (name in offered or found.__module__ == module.__name__):
        raise ConfigError(
            f"`{place}.{TARGET}` must name a class or function that its module defines. Received: {target}. Choose an "
            "option that exists."
        )


def _found(target: str, place: str) -> tuple[ModuleType, Any]:
    module, _, name = target.rpartition(".")
    try:
        imported = importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(f"`{place}.{TARGET}` must exist. Received: {target} ({error}).") from error
    return imported, getattr(imported, name, None)
