"""The spaces that options bring with them: `conf/architecture/space/lstm.yaml`."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bitjaru.errors import ConfigError
from bitjaru.sweep.space import config_paths
from bitjaru.sweep.space.definition import Written, value
from bitjaru.sweep.space.grammar import knob, parse
from bitjaru.sweep.space.space import Fixed, Knob

FOLDER = "space"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unused:
    """What an option has no use for, though others have: `optimizer: null` in its space.

    Attributes:
        name: A key, or a section with all that stands in it.
        when: The choice of this option; None where it stays.
    """

    name: str
    when: Mapping[str, str] | None


def brought(written: Written, spaces: Sequence[str] | None) -> Iterator[Fixed | Knob | Unused]:
    """Yields what the options of these groups add to a search, and what an option that stays has no use for.

    What the search's lines set stays as they set it.

    Args:
        written: The search.
        spaces: The groups. None: those that are searched, and where nothing at all is searched, every group.

    Raises:
        ConfigError: If there is no such group, or a space names a knob that its option does not have.
    """
    bringing = _groups(written, spaces)
    for group in bringing:
        if group not in written.searched:
            yield from _of_fixed(written, group)
            continue
        with_space = set(written.composer.options(f"{group}/{FOLDER}"))
        for option in written.options(group):
            if option in with_space:
                yield from _of_option(written, group, option, {group: option})
    for group in written.composer.defaults:
        if group not in bringing and group not in written.searched:
            yield from (entry for entry in _of_fixed(written, group) if isinstance(entry, Unused))


def without_unused(written: Written, entries: Sequence[Fixed | Knob | Unused]) -> Iterator[Fixed | Knob]:
    """Yields settings and knobs; not the knobs for which no option that may be tried has a use."""
    unused = [entry for entry in entries if isinstance(entry, Unused)]
    for entry in entries:
        if isinstance(entry, Unused):
            continue
        if isinstance(entry, Fixed) or entry.name in written.searched:
            yield entry
            continue
        whens = [one.when for one in unused if f"{entry.key.lstrip('+')}.".startswith(f"{one.name}.")]
        if None in whens or any(
            all({group: option} in whens for option in written.options(group)) for group in written.searched
        ):
            log.info("%s=%s is not searched: what is tried has no use for it.", entry.name, entry.said)
        else:
            yield replace(entry, unused=tuple(when for when in whens if when is not None))


def _groups(written: Written, spaces: Sequence[str] | None) -> Sequence[str]:
    if spaces is None:
        searching = any(override.is_sweep_override() for override in written.lines.values())
        return [group.partition("@")[0] for group in written.searched] if searching else [*written.composer.defaults]
    for group in spaces:
        if not written.composer.options(group):
            raise ConfigError(
                f"`hydra.sweeper.spaces` must name config groups. Received: {group}. "
                f"There are: {', '.join(written.composer.defaults)}."
            )
    return spaces


def _of_fixed(written: Written, group: str) -> Iterator[Fixed | Knob | Unused]:
    """Yields what the space of a group's one option says, if it has one."""
    line = written.lines.get(group)
    option = written.composer.defaults.get(group, "") if line is None else value(line)
    if option in written.composer.options(f"{group}/{FOLDER}"):
        yield from _of_option(written, group, option, None)


def _of_option(
    written: Written, group: str, option: str, condition: Mapping[str, str] | None
) -> Iterator[Fixed | Knob | Unused]:
    package, place = written.package(group), f"{group}/{FOLDER}/{option}.yaml"
    node = written.bare(condition or {}, f"+{group}/{FOLDER}={option}")
    for name, said in config_paths.leaves(config_paths.at(node, f"{package}.{FOLDER}")):
        key = f"{package}.{name}"
        if said == "null" and config_paths.has(node, name) and not config_paths.has(node, key):
            yield Unused(name, condition)
            continue
        if not config_paths.has(node, key):
            existing = ", ".join(sorted(set(config_paths.siblings(node, key)) - {FOLDER}))
            raise ConfigError(
                f"`{place}` must name knobs of {option}. Received: {name}. There are: {existing}. What stands "
                f"outside of {package} may be null there, where {option} has no use for it."
            )
        if key in written.lines:
            continue
        override = parse(f"{key}={said}", loader=written.composer.loader)
        when = () if condition is None else (condition,)
        if override.is_sweep_override():
            yield knob(f"{package}.{option}.{name}", override, when)
        else:
            yield Fixed(line=f"{key}={value(override)}", when=when)
