"""From override lines and the options' own spaces to one `Space`, with every mistake found before the first trial."""

import difflib
import itertools
from collections.abc import Callable, Mapping, Sequence

from hydra.core.override_parser.types import Override

from bitjaru.errors import ConfigError
from bitjaru.sweep.space import config_paths
from bitjaru.sweep.space.definition import Composer, Written, value
from bitjaru.sweep.space.grammar import knob
from bitjaru.sweep.space.option_spaces import brought, without_unused
from bitjaru.sweep.space.space import Fixed, Knob, Space


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
        check: Raises `ConfigError` if override lines cannot be used. Called with what is fixed and the first option
            of each searched group, and with an option that has what only some of them have; before the spaces of
            all options are composed, which takes the longest.

    Returns:
        The space.

    Raises:
        ConfigError: If a line is not grammatical, names what does not exist, or holds an empty range; if a space
            file names a knob that its option does not have.
    """
    written = Written.parse(lines, composer)
    for key, override in written.groups.items():
        _check_options(key, override, composer)
    _check_fixed(written, check)
    entries = [_entry(written, key, override) for key, override in written.lines.items()]
    return Space(tuple(without_unused(written, [*entries, *brought(written, spaces)])))


def _check_options(key: str, override: Override, composer: Composer) -> None:
    known = composer.options(override.key_or_group)
    named = list(override.sweep_string_iterator()) if override.is_sweep_override() else [value(override)]
    for option in named:
        # `[a, b]` chooses several options and null none: Hydra checks those itself.
        if option != "null" and not option.startswith("[") and option not in known:
            raise ConfigError(f"`{key}` must be one of {', '.join(known)}. Received: {key}={option}.")


def _check_fixed(written: Written, check: Callable[[Sequence[str]], object]) -> None:
    """Composes every setting that stays once, with an option that has it: most mistakes show here, and soon."""
    fixed = {key: override for key, override in written.lines.items() if not override.is_sweep_override()}
    owners: list[Mapping[str, str]] = [{}]
    for key, override in fixed.items():
        if (first := _first_owner(written, key, override)) not in owners:
            owners.append(first)
    for chosen in owners:
        lines = [_line(override) for key, override in fixed.items() if _has(written, chosen, key, override)]
        written.composer.compose(lines := [*lines, *written.choices(chosen)])
        check(lines)


def _first_owner(written: Written, key: str, override: Override) -> Mapping[str, str]:
    """Finds the first choice that has a place for `key`.

    Raises:
        ConfigError: If none has.
    """
    choices = _choices(written, key)
    first = next((chosen for chosen in choices if _has(written, chosen, key, override)), None)
    if first is None:
        raise _missing(written, key, override, choices)
    return first


def _entry(written: Written, key: str, override: Override) -> Fixed | Knob:
    choices = _choices(written, key)
    having = [chosen for chosen in choices if _has(written, chosen, key, override)]
    if not having:
        raise _missing(written, key, override, choices)
    when = () if len(having) == len(choices) else tuple(having)
    return knob(key, override, when) if override.is_sweep_override() else Fixed(line=_line(override), when=when)


def _choices(written: Written, key: str) -> list[dict[str, str]]:
    """Lists what the searched groups on which `key` depends can choose; one empty choice where there are none."""
    owners = [group for group in written.searched if key.startswith(f"{written.package(group)}.")]
    combinations = itertools.product(*(written.options(group) for group in owners))
    return [dict(zip(owners, options, strict=True)) for options in combinations]


def _has(written: Written, chosen: Mapping[str, str], key: str, override: Override) -> bool:
    adds = override.is_delete() or override.is_add() or override.is_force_add()
    return adds or written.is_group(override) or config_paths.has(written.bare(chosen), key)


def _line(override: Override) -> str:
    return override.input_line or "" if override.is_delete() else f"{override.get_key_element()}={value(override)}"


def _missing(written: Written, key: str, override: Override, choices: Sequence[Mapping[str, str]]) -> ConfigError:
    existing = sorted({name for chosen in choices for name in config_paths.siblings(written.bare(chosen), key)})
    if any(choices):
        searched = ", ".join(f"{group}={option}" for chosen in choices for group, option in chosen.items())
        return ConfigError(
            f"A parameter must exist for at least one searched option. Received: {override.input_line}, "
            f"which none of {searched} has. They have: {', '.join(existing)}."
        )
    section, _, name = key.rpartition(".")
    near = difflib.get_close_matches(name, existing, n=1)
    hint = f" Did you mean {'.'.join(filter(None, (section, near[0])))}?" if near else ""
    return ConfigError(
        f"A parameter must exist in the configuration. Received: {override.input_line}. "
        f"There are: {', '.join(existing)}.{hint} To add one, write +{override.input_line}."
    )
