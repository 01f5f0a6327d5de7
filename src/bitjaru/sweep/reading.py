"""From override lines and the options' own spaces to one `Space`, with every mistake found before the first trial."""

import difflib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hydra.core.override_parser.types import Override
from optuna.distributions import CategoricalDistribution

from bitjaru.errors import ConfigError
from bitjaru.sweep.grammar import distribution, parse
from bitjaru.sweep.space import Fixed, Knob, Space

FOLDER = "space"
Node = Mapping[str, Any]


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


def read(
    lines: Sequence[str],
    composer: Composer,
    *,
    spaces: Sequence[str] | None,
    check: Callable[[Sequence[str]], object] = lambda _: None,
) -> Space:
    """Reads a search.

    Args:
        lines: Overrides, fixed and searched; a later one replaces an earlier one of the same key.
        composer: Composes configurations.
        spaces: The groups whose options bring their own space. None: the groups that are searched, and where
            nothing at all is searched, every group.
        check: Raises `ConfigError` if what is fixed cannot be used with the first option of each searched group.
            Called before the spaces of all options are composed, which takes the longest.

    Returns:
        The space.

    Raises:
        ConfigError: If a line is not grammatical, names what does not exist, or holds an empty range; if a space
            file names a knob that its option does not have.
    """
    return _Reader(_by_key(lines, composer), composer).read(spaces, check)


def _by_key(lines: Sequence[str], composer: Composer) -> dict[str, Override]:
    parsed: dict[str, Override] = {}
    for line in lines:
        override = parse(line, loader=composer.loader)
        key = override.key_or_group if override.package is None else f"{override.key_or_group}@{override.package}"
        parsed[key] = override
    return parsed


@dataclass
class _Reader:
    lines: Mapping[str, Override]
    composer: Composer
    searched: dict[str, Override] = field(default_factory=dict)

    def read(self, spaces: Sequence[str] | None, check: Callable[[Sequence[str]], object]) -> Space:
        groups = {key: override for key, override in self.lines.items() if self._is_group(override)}
        self.searched = {key: override for key, override in groups.items() if override.is_sweep_override()}
        for key, override in groups.items():
            self._check_options(key, override)
        entries = [self._entry(key, override) for key, override in self.lines.items()]
        # A value of the wrong type, for example, shows only when it is composed.
        fixed = [entry.line for entry in entries if isinstance(entry, Fixed) and not entry.when]
        self.composer.compose(base := [*fixed, *self._choice_lines({})])
        check(base)
        bringing = self._bringing(spaces)
        return Space(tuple(entries + [entry for group in bringing for entry in self._brought(group)]))

    def _is_group(self, override: Override) -> bool:
        return not override.is_delete() and bool(self.composer.options(override.key_or_group))

    def _check_options(self, key: str, override: Override) -> None:
        known = self.composer.options(override.key_or_group)
        named = list(override.sweep_string_iterator()) if override.is_sweep_override() else [_text(override)]
        for option in named:
            # `[a, b]` chooses several options and null none: Hydra checks those itself.
            if option != "null" and not option.startswith("[") and option not in known:
                raise ConfigError(f"`{key}` must be one of {', '.join(known)}. Received: {key}={option}.")

    def _entry(self, key: str, override: Override) -> Fixed | Knob:
        when = self._where(key, override)
        if not override.is_sweep_override():
            line = override.input_line or ""
            return Fixed(
                line=line if override.is_delete() else f"{override.get_key_element()}={_text(override)}", when=when
            )
        return _knob(key, override.get_key_element(), override, when)

    def _where(self, key: str, override: Override) -> tuple[dict[str, str], ...]:
        """Finds the choices that have a place for `key`; empty when all have."""
        if self._is_group(override) or override.is_delete() or override.is_add() or override.is_force_add():
            return ()
        owners = {group: self._options(group) for group in self.searched if key.startswith(f"{self._package(group)}.")}
        combinations = [dict(zip(owners, options, strict=True)) for options in itertools.product(*owners.values())]
        having = [chosen for chosen in combinations if _has(self._bare(chosen), key)]
        if having:
            return () if len(having) == len(combinations) else tuple(having)
        if owners:
            nodes = [_parent(self._bare(chosen), key) for chosen in combinations]
            searched = ", ".join(f"{group}={option}" for chosen in combinations for group, option in chosen.items())
            raise ConfigError(
                f"A parameter must exist for at least one searched option. Received: {override.input_line}, "
                f"which none of {searched} has. They have: {', '.join(sorted(set(itertools.chain(*nodes))))}."
            )
        existing = sorted(_parent(self._bare({}), key))
        near = difflib.get_close_matches(key.rpartition(".")[2], existing, n=1)
        hint = f" Did you mean {key.rpartition('.')[0]}{'.' if '.' in key else ''}{near[0]}?" if near else ""
        raise ConfigError(
            f"A parameter must exist in the configuration. Received: {override.input_line}. "
            f"There are: {', '.join(existing)}.{hint} To add one, write +{override.input_line}."
        )

    def _options(self, group: str) -> list[str]:
        return list(self.searched[group].sweep_string_iterator())

    def _package(self, group: str) -> str:
        override = self.searched.get(group)
        return (
            override.package if override is not None and override.package else group.partition("@")[0].replace("/", ".")
        )

    def _bare(self, chosen: Mapping[str, str], *more: str) -> Node:
        """Composes with groups chosen and no other setting, to see what exists."""
        fixed = [
            f"{override.get_key_element()}={_text(override)}"
            for override in self.lines.values()
            if self._is_group(override) and not override.is_sweep_override()
        ]
        return self.composer.compose([*fixed, *self._choice_lines(chosen), *more])

    def _choice_lines(self, chosen: Mapping[str, str]) -> list[str]:
        return [
            f"{override.get_key_element()}={chosen.get(group, self._options(group)[0])}"
            for group, override in self.searched.items()
        ]

    def _bringing(self, spaces: Sequence[str] | None) -> Sequence[str]:
        if spaces is None:
            searching = any(override.is_sweep_override() for override in self.lines.values())
            return [group.partition("@")[0] for group in self.searched] if searching else [*self.composer.defaults]
        for group in spaces:
            if not self.composer.options(group):
                raise ConfigError(
                    f"`hydra.sweeper.spaces` must name config groups. Received: {group}. "
                    f"There are: {', '.join(self.composer.defaults)}."
                )
        return spaces

    def _brought(self, group: str) -> Iterator[Fixed | Knob]:
        """Yields what the spaces of a group's options add."""
        with_space = set(self.composer.options(f"{group}/{FOLDER}"))
        if group in self.searched:
            options = [option for option in self._options(group) if option in with_space]
            yield from (entry for option in options for entry in self._of_option(group, option, {group: option}))
            return
        chosen = _text(self.lines[group]) if group in self.lines else self.composer.defaults.get(group, "")
        if chosen in with_space:
            yield from self._of_option(group, chosen, None)

    def _of_option(self, group: str, option: str, condition: dict[str, str] | None) -> Iterator[Fixed | Knob]:
        package, place = self._package(group), f"{group}/{FOLDER}/{option}.yaml"
        node = self._bare(condition or {}, f"+{group}/{FOLDER}={option}")
        for knob, written in _leaves(_at(node, f"{package}.{FOLDER}")):
            key = f"{package}.{knob}"
            if not _has(node, key):
                existing = ", ".join(sorted(set(_parent(node, key)) - {FOLDER}))
                raise ConfigError(f"`{place}` must name knobs of {option}. Received: {knob}. There are: {existing}.")
            if key in self.lines:
                continue
            override = parse(f"{key}={written}", loader=self.composer.loader)
            when = () if condition is None else (condition,)
            if override.is_sweep_override():
                yield _knob(f"{package}.{option}.{knob}", key, override, when)
            else:
                yield Fixed(line=f"{key}={_text(override)}", when=when)


def _knob(name: str, key: str, override: Override, when: tuple[dict[str, str], ...]) -> Knob:
    values, texts = distribution(override)
    if isinstance(values, CategoricalDistribution):
        said = f"choice({', '.join(texts or ())})"
    else:
        said = override.get_value_string()
    return Knob(name=name.lstrip("+"), key=key, distribution=values, texts=texts, when=when, said=said)


def _text(override: Override) -> str:
    return override.get_value_element_as_str()


def _at(node: Any, path: str) -> Any:
    for step in path.split("."):
        node = node.get(step, {}) if isinstance(node, Mapping) else {}
    return node


def _has(node: Node, key: str) -> bool:
    return key.rpartition(".")[2] in _parent(node, key)


def _parent(node: Node, key: str) -> Node:
    path = key.rpartition(".")[0]
    parent = _at(node, path) if path else node
    return parent if isinstance(parent, Mapping) else {}


def _leaves(node: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "null" if value is None else str(value)
