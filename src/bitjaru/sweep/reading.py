"""From override lines and the options' own spaces to one `Space`, with every mistake found before the first trial."""

import difflib
import itertools
from collections.abc import Callable, Mapping, Sequence

from hydra.core.override_parser.types import Override

from bitjaru.errors import ConfigError
from bitjaru.sweep import nodes
from bitjaru.sweep.grammar import knob
from bitjaru.sweep.option_spaces import brought
from bitjaru.sweep.space import Fixed, Knob, Space
from bitjaru.sweep.written import Composer, Written, value


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
    written = Written.parse(lines, composer)
    for key, override in written.groups.items():
        _check_options(key, override, composer)
    entries = [_entry(written, key, override) for key, override in written.lines.items()]
    # A value of the wrong type, for example, shows only when it is composed.
    fixed = [entry.line for entry in entries if isinstance(entry, Fixed) and not entry.when]
    composer.compose(base := [*fixed, *written.choices({})])
    check(base)
    return Space((*entries, *brought(written, spaces)))


def _check_options(key: str, override: Override, composer: Composer) -> None:
    known = composer.options(override.key_or_group)
    named = list(override.sweep_string_iterator()) if override.is_sweep_override() else [value(override)]
    for option in named:
        # `[a, b]` chooses several options and null none: Hydra checks those itself.
        if option != "null" and not option.startswith("[") and option not in known:
            raise ConfigError(f"`{key}` must be one of {', '.join(known)}. Received: {key}={option}.")


def _entry(written: Written, key: str, override: Override) -> Fixed | Knob:
    when = _where(written, key, override)
    if override.is_sweep_override():
        return knob(key, override, when)
    line = override.input_line or ""
    return Fixed(line=line if override.is_delete() else f"{override.get_key_element()}={value(override)}", when=when)


def _where(written: Written, key: str, override: Override) -> tuple[Mapping[str, str], ...]:
    """Finds the choices that have a place for `key`; empty when all have."""
    if written.is_group(override) or override.is_delete() or override.is_add() or override.is_force_add():
        return ()
    owners = {
        group: written.options(group) for group in written.searched if key.startswith(f"{written.package(group)}.")
    }
    combinations = [dict(zip(owners, options, strict=True)) for options in itertools.product(*owners.values())]
    having = [chosen for chosen in combinations if nodes.has(written.bare(chosen), key)]
    if having:
        return () if len(having) == len(combinations) else tuple(having)
    if owners:
        raise _nowhere(written, key, override, combinations)
    raise _unknown(key, override, sorted(nodes.siblings(written.bare({}), key)))


def _nowhere(written: Written, key: str, override: Override, combinations: Sequence[Mapping[str, str]]) -> ConfigError:
    existing = sorted({name for chosen in combinations for name in nodes.siblings(written.bare(chosen), key)})
    searched = ", ".join(f"{group}={option}" for chosen in combinations for group, option in chosen.items())
    return ConfigError(
        f"A parameter must exist for at least one searched option. Received: {override.input_line}, "
        f"which none of {searched} has. They have: {', '.join(existing)}."
    )


def _unknown(key: str, override: Override, existing: Sequence[str]) -> ConfigError:
    section, _, name = key.rpartition(".")
    near = difflib.get_close_matches(name, existing, n=1)
    hint = f" Did you mean {'.'.join(filter(None, (section, near[0])))}?" if near else ""
    return ConfigError(
        f"A parameter must exist in the configuration. Received: {override.input_line}. "
        f"There are: {', '.join(existing)}.{hint} To add one, write +{override.input_line}."
    )
