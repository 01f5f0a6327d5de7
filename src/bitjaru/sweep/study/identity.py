"""What a study is by its content: the space, settings and data that must not change under its trials."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from bitjaru.sweep.execution.platform import Platform
from bitjaru.sweep.space import example_configs
from bitjaru.sweep.space.composition import Composition
from bitjaru.sweep.space.space import Space
from bitjaru.tasks import Direction

UNCOMPARED = ("tracking", "sweeps")  # settings that do not touch a trial's value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Identity:
    """What must not change under a study, or its trials could not be compared.

    Attributes:
        directions: Of the objectives: `minimize` or `maximize` each.
        space: From `Space.describe`.
        settings: Every other setting, flat: `{"trainer.epochs": "10"}`.
        data: Full sha256 of the data; None where nobody knows it.
        code: Version of the code. A change is allowed and said.
    """

    directions: tuple[Direction, ...]
    space: Mapping[str, str]
    settings: Mapping[str, str]
    data: str | None
    code: str | None

    @property
    def name(self) -> str:
        """Names a study that has no name by what it searches: the same command finds it again."""
        # Not by where a part's class stands, which a new version may change.
        settings = {key: value for key, value in self.settings.items() if not key.endswith("_target_")}
        content = json.dumps([self.directions, self.space, settings], sort_keys=True)
        return f"search-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def identify(
    space: Space,
    composition: Composition,
    platform: Platform | None,
    directions: tuple[Direction, ...] | None,
    *,
    program: str | None,
    custom: str | None,
) -> Identity:
    """Finds out what a search is.

    Args:
        space: What is tried.
        composition: Makes configurations.
        platform: Knows the data and the code; None for a plain Hydra program.
        directions: As they are set; None asks the platform.
        program: Of a plain Hydra program: two programs with the same space have different objectives.
        custom: The function that adds to the space, by its name; None for none.

    Raises:
        BitjaruError: If the data cannot be read.
    """
    first = example_configs.first(space, composition)
    settings = {key: value for key, value in composition.compose(first).items() if key not in UNCOMPARED}
    config = {} if platform is None else composition.settings(first)
    if directions is None:
        directions = ("minimize",) if platform is None else platform.directions(config)
    named = {"program": program, "custom_search_space": custom}
    return Identity(
        directions=directions,
        space=space.describe(),
        settings=dict(_flat(settings)) | {key: value for key, value in named.items() if value is not None},
        data=None if platform is None else platform.data(config),
        code=None if platform is None else platform.code(),
    )


def _flat(node: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, str(node)
