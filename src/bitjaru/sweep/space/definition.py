"""A search as it was written: override lines, and the configurations that they choose among."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from hydra.core.override_parser.types import Override

from bitjaru.sweep.space.config_paths import Node
from bitjaru.sweep.space.grammar import parse


class Composer(Protocol):
    """What reading needs from the configuration system."""

    @property
    def loader(self) -> Any:
        """Lists the options of a group for `glob(…)`."""

    @property
    def defaults(self) -> Mapping[str, str]:
        """The option that stands in each group when nobody chooses."""

    def options(self, group: str) -> Sequence[str]:
        """Returns the names of a group's options; none when there is no such group."""

    def compose(self, overrides: Sequence[str]) -> Node:
        """Returns the composed configuration as plain dicts and lists, unresolved. Asked again, it composes once.

        Raises:
            ConfigError: If it cannot be composed.
        """


@dataclass
class Written:
    """The lines of a search.

    Attributes:
        lines: Each override by its key; a later one of the same key replaced an earlier one.
        composer: Composes configurations.
    """

    lines: Mapping[str, Override]
    composer: Composer

    @classmethod
    def parse(cls, lines: Sequence[str], composer: Composer) -> "Written":
        """Parses the lines.

        Raises:
            ConfigError: If one is not grammatical.
        """
        parsed: dict[str, Override] = {}
        for line in lines:
            override = parse(line, loader=composer.loader)
            key = override.key_or_group if override.package is None else f"{override.key_or_group}@{override.package}"
            parsed[key] = override
        return cls(parsed, composer)

    @cached_property
    def groups(self) -> Mapping[str, Override]:
        """The lines that choose an option of a group."""
        return {key: override for key, override in self.lines.items() if self.is_group(override)}

    @cached_property
    def searched(self) -> Mapping[str, Override]:
        """The lines that let several options of a group be tried."""
        return {key: override for key, override in self.groups.items() if override.is_sweep_override()}

    def is_group(self, override: Override) -> bool:
        """Returns whether a line chooses an option."""
        return not override.is_delete() and bool(self.composer.options(override.key_or_group))

    def options(self, group: str) -> list[str]:
        """Returns the options of a searched group that may be tried."""
        return list(self.searched[group].sweep_string_iterator())

    def package(self, group: str) -> str:
        """Returns where a group's option stands in the configuration."""
        override = self.searched.get(group)
        if override is not None and override.package:
            return override.package
        return group.partition("@")[0].replace("/", ".")

    def choices(self, chosen: Mapping[str, str]) -> list[str]:
        """Returns a line for each searched group, with the chosen option or else its first."""
        return [
            f"{override.get_key_element()}={chosen.get(group, self.options(group)[0])}"
            for group, override in self.searched.items()
        ]

    def bare(self, chosen: Mapping[str, str], *more: str) -> Node:
        """Composes with groups chosen and no other setting, to see what exists."""
        fixed = [
            f"{override.get_key_element()}={value(override)}"
            for override in self.groups.values()
            if not override.is_sweep_override()
        ]
        return self.composer.compose([*fixed, *self.choices(chosen), *more])


def value(override: Override) -> str:
    """Returns the right side of a line."""
    return override.get_value_element_as_str()
